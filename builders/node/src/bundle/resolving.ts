import type { OnResolveArgs, PluginBuild, ResolveResult } from 'esbuild';

const ASKED = Symbol('asked by a plugin of ours');

/**
 * What esbuild itself makes of an import; `undefined` for the question that this very call asks, so that a plugin which
 * hears of every import can ask without hearing itself.
 */
export async function askEsbuild(
  build: PluginBuild,
  args: OnResolveArgs,
): Promise<ResolveResult | undefined> {
  if (args.pluginData === ASKED) return undefined;
  return build.resolve(args.path, {
    kind: args.kind,
    importer: args.importer,
    resolveDir: args.resolveDir,
    with: args.with,
    pluginData: ASKED,
  });
}
