import { readFile } from 'node:fs/promises';
import type { NodeFileTraceReasons } from '@vercel/nft';
import { compileDecorators, wantsMetadata } from './decorators.ts';
import { type BundleJob, CODE, isInstalled, TYPESCRIPT } from './job.ts';
import { loaderFor } from './own-sources.ts';
import { resolveAll } from './resolve-all.ts';
import type { TsConfigs } from './tsconfig.ts';

export interface Trace {
  /** Everything that the sources load or read at run time, themselves included: paths in the function's tree. */
  readonly files: ReadonlySet<string>;
  readonly reasons: NodeFileTraceReasons;
}

/** Never part of a function, whoever reads the folder they are in: secrets, other tools' folders, tests. */
const NEVER =
  /(?:^|\/)(?:\.git|\.svc|\.vercel|\.env(?:\.[^/]*)?|__tests__|[^/]+\.(?:test|spec)\.[cm]?[jt]sx?)(?:\/|$)/;

/**
 * Follows what the given sources load and read: packages with their own files, addons, assets that they name by
 * `__dirname`, `import.meta.url` or the working directory.
 *
 * @param isExcluded what `excludeFiles` takes out, by path in the function's tree.
 */
export async function traceSources(
  job: BundleJob,
  sources: readonly string[],
  configs: TsConfigs,
  isExcluded: (path: string) => boolean,
): Promise<Trace> {
  const { nodeFileTrace, resolve } = await import('@vercel/nft');
  const manifests = new Map<string, Promise<string | Buffer | null>>();
  const read = (path: string) => {
    if (!path.endsWith('package.json')) return readAsJavaScript(job, path, configs);
    const text = manifests.get(path) ?? readOrNull(path);
    manifests.set(path, text);
    return text;
  };
  const result = await nodeFileTrace([...sources], {
    base: job.boundary,
    processCwd: job.root,
    mixedModules: true,
    resolve: resolveAll(resolve, file => !isInstalled(job, file)),
    readFile: read,
    ignore: path => isExcluded(path) || (!path.includes('node_modules/') && NEVER.test(path)),
  });
  return { files: result.fileList, reasons: result.reasons };
}

/** nft reads JavaScript only: own TypeScript is compiled first, to what the bundle holds of it. */
async function readAsJavaScript(
  job: BundleJob,
  path: string,
  configs: TsConfigs,
): Promise<string | Buffer | null> {
  const content = await readOrNull(path);
  const isJavaScript = !TYPESCRIPT.test(path) && !path.endsWith('.jsx');
  if (content === null || isJavaScript || isInstalled(job, path)) return content;
  const source = content.toString();
  const metadata = wantsMetadata(source, configs.optionsFor(path))
    ? await compileDecorators(path, source, configs.optionsFor(path))
    : undefined;
  const { transform } = await import('esbuild');
  try {
    const code = metadata?.ok ? metadata.code : source;
    return (await transform(code, { loader: loaderFor(path), target: 'es2022', logLevel: 'silent' })).code;
  } catch {
    // A file that the entrypoint needs has been bundled already and its mistakes reported; others may be anything.
    return '';
  }
}

/** Whatever the reason why something can't be read, for a tracer it is not there. */
async function readOrNull(path: string): Promise<Buffer | null> {
  return readFile(path).catch(() => null);
}

/**
 * Whether files beside the bundle are part of the same program: own code that is loaded by a computed name and in turn
 * loads what the bundle holds too, or that Node cannot load before it is compiled.
 */
export function needsOwnModules(trace: Trace, bundled: ReadonlySet<string>): boolean {
  const loose = [...trace.files].filter(
    path => CODE.test(path) && !bundled.has(path) && !path.includes('node_modules/'),
  );
  if (loose.some(path => TYPESCRIPT.test(path) && !path.endsWith('.d.ts'))) return true;
  const looseSet = new Set(loose);
  for (const [path, reason] of trace.reasons) {
    const isShared = bundled.has(path) || path.includes('node_modules/');
    if (
      isShared &&
      !path.endsWith('package.json') &&
      [...reason.parents].some(parent => looseSet.has(parent))
    ) {
      return true;
    }
  }
  return false;
}
