import { realpathSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import type { BundleInput } from '../input.ts';
import { locateEntrypoint } from './entrypoint-file.ts';
import { bundleEntrypoint } from './esbuild.ts';
import { projectPath } from './failures.ts';
import { hoistedLinks } from './hoisted.ts';
import { globFromRoot, includedFiles } from './included.ts';
import { type BundleJob, CODE, insideFunction, isInstalled, TYPESCRIPT } from './job.ts';
import { nearestPackage } from './module-kind.ts';
import { compileOwnModules } from './own-modules.ts';
import { needsOwnModules, traceSources } from './trace.ts';
import { TsConfigs } from './tsconfig.ts';
import { functionConfig, settingsOf } from './vc-config.ts';
import { type FunctionTree, writeFunction } from './write.ts';

/**
 * Makes `functions/index.func` of a service: bundles its sources, traces what they load and read at run time, and writes
 * both to the service's output tree. The result refers to nothing outside itself.
 */
export async function bundleService(input: BundleInput, context: ToolContext): Promise<Result<void>> {
  const boundary = realpathSync(context.boundary);
  const root = realpathSync(context.root);
  const located = locateEntrypoint(input, root, projectPath({ boundary, input }, root));
  if (!located.ok) return located;
  const job: BundleJob = { boundary, root, input, entrypoint: realpathSync(located.value) };
  const configs = new TsConfigs(boundary);

  const bundled = await bundleEntrypoint(job, configs);
  if (!bundled.ok) return bundled;
  const bundle = bundled.value;
  const { includeFiles, excludeFiles } = settingsOf(job);
  const isExcluded = globFromRoot(job, text(excludeFiles));
  const bundledPaths = new Set(bundle.inputs.map(file => insideFunction(job, file)));
  const sources = [...bundle.inputs.filter(file => CODE.test(file)), ...bundle.files, ...bundle.started];
  const trace = await traceSources(job, sources, configs, isExcluded);

  const manifests = [job.root, dirname(job.entrypoint)].flatMap(
    folder => nearestPackage(folder, boundary) ?? [],
  );
  const copied = [
    ...[...trace.files].filter(path => !bundledPaths.has(path) || wasRead(trace.reasons.get(path)?.type)),
    ...manifests.map(file => insideFunction(job, file)),
    ...hoistedLinks(job, trace.files),
    ...(await includedFiles(job, text(includeFiles))),
  ].filter(path => !isExcluded(path));

  let tree: FunctionTree & { handler: string } = {
    handler: bundle.handler,
    copied,
    generated: bundle.generated,
    links: bundle.links,
  };
  if (bundle.needsFiles || needsOwnModules(trace, bundledPaths)) {
    const own = [...trace.files].map(path => join(boundary, path)).filter(file => !isInstalled(job, file));
    const compiled = await compileOwnModules(job, own, new Set(bundle.inputs), configs);
    if (!compiled.ok) return compiled;
    const bare = [...trace.files].filter(
      path => isInstalled(job, join(boundary, path)) || !TYPESCRIPT.test(path),
    );
    tree = {
      ...compiled.value,
      copied: [...copied.filter(path => !trace.files.has(path)), ...bare].filter(path => !isExcluded(path)),
      links: new Map(),
    };
  }
  const folder = join(context.output, 'functions', 'index.func');
  await writeFunction(job, folder, {
    ...tree,
    generated: new Map([
      ...tree.generated,
      ['.vc-config.json', `${JSON.stringify(functionConfig(job, posix.normalize(tree.handler)), null, 2)}\n`],
    ]),
  });
  return ok(undefined);
}

/** A bundled file that is also read as data stays beside the bundle. */
function wasRead(reasons: readonly string[] | undefined): boolean {
  return reasons?.includes('asset') ?? false;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
