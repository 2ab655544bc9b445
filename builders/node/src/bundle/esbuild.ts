import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import type { BuildFailure, BuildOptions } from 'esbuild';
import { decoratorHelpers } from './decorator-helpers.ts';
import { externals } from './externals.ts';
import { bundleFailures } from './failures.ts';
import { type BundleJob, insideFunction, type ModuleKind, specifierTo } from './job.ts';
import { bundleBanner, LOCATION_DEFINES, MAIN_DEFINES, START_MODULE, startModuleSource } from './location.ts';
import { moduleKind } from './module-kind.ts';
import { ownSources } from './own-sources.ts';
import { hasRenamed } from './renamed.ts';
import { importerTolerance, nothing } from './tolerance.ts';
import type { TsConfigs } from './tsconfig.ts';

export interface Bundle {
  /** Path of the handler in the function's tree. */
  readonly handler: string;
  readonly kind: ModuleKind;
  /** Generated files by path in the function's tree. */
  readonly generated: ReadonlyMap<string, string>;
  /** Absolute paths of the sources that went in. */
  readonly inputs: readonly string[];
  /** Files the bundle loads by path, absolute. */
  readonly files: readonly string[];
  /** Links to make: path in the function's tree -> absolute folder. */
  readonly links: ReadonlyMap<string, string>;
  /** TypeScript files that are started by their place: they have to be shipped by themselves. */
  readonly started: readonly string[];
  /** Whether own files have to exist by themselves. */
  readonly needsFiles: boolean;
}

const TOP_LEVEL_AWAIT = /Top-level await is (?:currently )?not (?:supported|available)/;

/** Bundles the entrypoint with all own sources it imports. Fails with `bundle-failed`, one failure a mistake. */
export async function bundleEntrypoint(job: BundleJob, configs: TsConfigs): Promise<Result<Bundle>> {
  const source = readFileSync(job.entrypoint, 'utf8');
  const kind = moduleKind(job.entrypoint, source, job.boundary, configs);
  const first = await run(job, kind, configs);
  if (first.ok || kind === 'esm' || !first.failures.every(each => TOP_LEVEL_AWAIT.test(each.message)))
    return first;
  // Only an ES module can await at its top level, whatever tsconfig.json says about others.
  return run(job, 'esm', configs);
}

async function run(
  job: BundleJob,
  kind: ModuleKind,
  configs: TsConfigs,
  keepNames = false,
): Promise<Result<Bundle>> {
  const handler = insideFunction(job, job.entrypoint).replace(
    /\.[cm]?[jt]sx?$/,
    kind === 'esm' ? '.mjs' : '.cjs',
  );
  const outfile = join(job.boundary, handler);
  const own = ownSources(job, outfile, kind, configs);
  const outside = externals(job, outfile, importerTolerance(kind, configs));
  const rootUrl = `${specifierTo(handler, insideFunction(job, job.root) || '.')}/`;
  const options = {
    ...commonOptions(job, kind),
    entryPoints: [job.entrypoint],
    bundle: true,
    outfile,
    sourcemap: 'linked',
    metafile: true,
    keepNames,
    define: { ...LOCATION_DEFINES, ...(kind === 'cjs' ? MAIN_DEFINES : {}) },
    banner: { js: bundleBanner(kind, rootUrl) },
    plugins: [decoratorHelpers, nothing, outside.plugin, own.plugin],
  } satisfies BuildOptions;
  const built = await runEsbuild(job, options, own.prefixes);
  if (!built.ok) return built;
  const code = built.value.outputFiles?.find(file => file.path === outfile)?.text ?? '';
  if (!keepNames && hasRenamed(code)) return run(job, kind, configs, true);
  const generated = new Map(
    (built.value.outputFiles ?? []).map(file => [
      insideFunction(job, file.path),
      file.path.endsWith('.map') ? withOriginals(file.text, job, outfile, own.originals) : file.text,
    ]),
  );
  if (kind === 'esm') generated.set(join(dirname(handler), START_MODULE), startModuleSource(rootUrl));
  return ok({
    handler,
    kind,
    generated,
    inputs: Object.keys(built.value.metafile?.inputs ?? {})
      .filter(path => !/^svc-[a-z]+:/.test(path))
      .map(path => join(job.boundary, path)),
    files: [...outside.files],
    links: new Map(
      [...outside.links].map(([name, folder]) => [join(dirname(handler), 'node_modules', name), folder]),
    ),
    started: [...own.started],
    needsFiles: own.needsFiles,
  });
}

/** What every use of esbuild here has in common. */
export function commonOptions(job: BundleJob, kind: ModuleKind): BuildOptions & { write: false } {
  return {
    absWorkingDir: job.boundary,
    platform: 'node',
    target: 'node20',
    format: kind,
    // Only what Node itself would resolve by: without this esbuild adds the condition `module`.
    conditions: [],
    mainFields: ['main', 'module'],
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'silent',
    write: false,
  };
}

export async function runEsbuild(
  job: BundleJob,
  options: BuildOptions & { write: false },
  prefixes: ReadonlyMap<string, number> = new Map(),
): Promise<Result<import('esbuild').BuildResult>> {
  const esbuild = await import('esbuild');
  try {
    return ok(await esbuild.build(options));
  } catch (error) {
    const messages = (error as Partial<BuildFailure>).errors;
    if (!messages) throw error;
    return failed(...distinct(bundleFailures(job, messages, prefixes)));
  }
}

function distinct(failures: readonly Failure[]): Failure[] {
  return [...new Map(failures.map(failure => [JSON.stringify(failure), failure])).values()];
}

/** Shows people the sources they wrote instead of what they were turned into on their way into the bundle. */
function withOriginals(
  text: string,
  job: BundleJob,
  outfile: string,
  originals: ReadonlyMap<string, string>,
): string {
  const map = JSON.parse(text) as { sources: string[]; sourcesContent: (string | null)[] };
  for (const [path, original] of originals) {
    const index = map.sources.indexOf(
      specifierTo(insideFunction(job, outfile), insideFunction(job, path)).replace(/^\.\//, ''),
    );
    if (index >= 0) map.sourcesContent[index] = original;
  }
  return `${JSON.stringify(map, null, 2)}\n`;
}
