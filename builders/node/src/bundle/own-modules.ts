import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { decoratorHelpers } from './decorator-helpers.ts';
import { commonOptions, runEsbuild } from './esbuild.ts';
import {
  type BundleJob,
  CODE,
  insideFunction,
  isInstalled,
  type ModuleKind,
  shippedName,
  specifierTo,
  TYPESCRIPT,
} from './job.ts';
import { bundleBanner, START_MODULE, startModuleSource } from './location.ts';
import { moduleKind } from './module-kind.ts';
import { loaderFor, prepareSource } from './own-sources.ts';
import { askEsbuild } from './resolving.ts';
import { importerTolerance, nothing, nothingForTypes } from './tolerance.ts';
import type { TsConfigs } from './tsconfig.ts';

export interface OwnModules {
  /** Path of the handler in the function's tree. */
  readonly handler: string;
  /** Files that replace or accompany their sources, by path in the function's tree. */
  readonly generated: ReadonlyMap<string, string>;
}

/**
 * Ships own sources as the single files they are, for programs that load some of them by computed names and so can't be
 * one bundle: a module must exist once. JavaScript stays as it is unless one of its imports leads to TypeScript.
 *
 * @param required files that must compile; among the others, such as stray sources in a folder that the program reads,
 * one that doesn't is left out.
 */
export async function compileOwnModules(
  job: BundleJob,
  files: readonly string[],
  required: ReadonlySet<string>,
  configs: TsConfigs,
): Promise<Result<OwnModules>> {
  const generated = new Map<string, string>();
  const failures: Failure[] = [];
  for (const file of files.filter(path => CODE.test(path) && !path.endsWith('.d.ts'))) {
    const compiled = await compileModule(job, file, configs);
    if (compiled.ok) for (const [path, text] of compiled.value) generated.set(path, text);
    else if (required.has(file)) failures.push(...compiled.failures);
  }
  if (failures.length > 0) return failed(...failures);
  return ok({ handler: shippedName(insideFunction(job, job.entrypoint)), generated });
}

async function compileModule(
  job: BundleJob,
  file: string,
  configs: TsConfigs,
): Promise<Result<ReadonlyMap<string, string>>> {
  const source = readFileSync(file, 'utf8');
  const kind = moduleKind(file, source, job.boundary, configs);
  const isEntry = file === job.entrypoint;
  const name = shippedName(insideFunction(job, file));
  const rewritten = { count: 0 };
  const rootUrl = `${specifierTo(name, insideFunction(job, job.root) || '.')}/`;
  const built = await runEsbuild(job, {
    ...commonOptions(job, kind),
    entryPoints: [file],
    bundle: true,
    outfile: join(job.boundary, name),
    sourcemap: 'linked',
    plugins: [decoratorHelpers, nothing, modulePlugin(job, file, kind, configs, rewritten)],
    ...(isEntry ? { banner: { js: banner(kind, rootUrl) } } : {}),
  });
  if (!built.ok) return built;
  const isAsWritten = !TYPESCRIPT.test(file) && !file.endsWith('.jsx') && rewritten.count === 0;
  if (isAsWritten && !isEntry) return ok(new Map());
  const generated = new Map(
    (built.value.outputFiles ?? []).map(each => [insideFunction(job, each.path), each.text] as const),
  );
  if (isEntry && kind === 'esm') {
    generated.set(join(dirname(name), START_MODULE), startModuleSource(rootUrl));
  }
  return ok(generated);
}

/** Only the working directory is to be set: a file in its own place needs no other help. */
function banner(kind: ModuleKind, rootUrl: string): string {
  return kind === 'esm' ? `import "./${START_MODULE}";` : bundleBanner('cjs', rootUrl);
}

/** Leaves every import outside, under a path at which Node finds what the import means here. */
function modulePlugin(
  job: BundleJob,
  file: string,
  kind: ModuleKind,
  configs: TsConfigs,
  rewritten: { count: number },
): Plugin {
  const name = shippedName(insideFunction(job, file));
  const tolerance = importerTolerance(kind, configs);
  const resolve = async (build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
    if (args.kind === 'entry-point') return undefined;
    const found = await askEsbuild(build, args);
    if (!found) return undefined;
    if (found.errors.length > 0) return nothingForTypes(args, tolerance);
    if (found.external || found.namespace !== 'file' || isInstalled(job, found.path)) {
      return { path: args.path, external: true };
    }
    const target = specifierTo(name, shippedName(insideFunction(job, found.path)));
    if (sameFile(args.path, target, kind)) return { path: args.path, external: true };
    rewritten.count += 1;
    return { path: target, external: true };
  };
  return {
    name: 'svc-own-modules',
    setup(build) {
      build.onResolve({ filter: /.*/ }, args => resolve(build, args));
      build.onLoad({ filter: CODE, namespace: 'file' }, async ({ path }) => {
        if (path !== file) return undefined;
        const prepared = await prepareSource(path, readFileSync(path, 'utf8'), configs);
        if (!prepared.ok) return { errors: [prepared.error] };
        return { contents: prepared.code, loader: loaderFor(path) };
      });
    },
  };
}

/** Whether a specifier as written already leads to the target; `require` completes extensions, `import` doesn't. */
function sameFile(written: string, target: string, kind: ModuleKind): boolean {
  const isCompleted =
    kind === 'cjs' && [`${written}.js`, `${written}.json`, `${written}/index.js`].includes(target);
  return written === target || isCompleted;
}
