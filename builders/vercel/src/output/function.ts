import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ContractError } from '../host/errors.ts';
import { layOut } from './bundle-layout.ts';
import type { FileWriter } from './file-writer.ts';
import { withModuleSync } from './module-sync.ts';
import { bundlePath } from './names.ts';
import type { EdgeFunction, Files, Lambda } from './shapes.ts';
import { unzip } from './unzip.ts';

/** Where functions go and what is there already. */
export interface FunctionFolder {
  /** Absolute path of `functions/`. */
  readonly folder: string;
  readonly writer: FileWriter;
  /** The repository's root, which paths in functions are relative to. */
  readonly boundary: string;
  /** Functions that have been written, by their object: a second name becomes a link to the first. */
  readonly written: Map<Lambda | EdgeFunction, string>;
}

/** Settings of `functions` in the configuration that win over what the builder says. */
export type FunctionSettings = Readonly<Record<string, unknown>>;

/**
 * Writes a function under a name: its files and its `.vc-config.json`, with every file in the folder (the vendor's CLI leaves
 * those of the disk where they are and lists them as `filePathMap`).
 */
export async function writeFunction(
  to: FunctionFolder,
  name: string,
  output: Lambda | EdgeFunction,
  settings: FunctionSettings = {},
): Promise<void> {
  const folder = join(to.folder, `${name}.func`);
  const first = to.written.get(output);
  if (first !== undefined) {
    await mkdir(dirname(folder), { recursive: true });
    await symlink(relative(dirname(folder), join(to.folder, `${first}.func`)), folder);
    return;
  }
  to.written.set(output, name);
  await mkdir(folder, { recursive: true });
  if (output.type === 'EdgeFunction') {
    await writeFiles(to, folder, output.files);
    return writeConfig(folder, edgeConfig(output));
  }
  if (output.files) {
    const isNode = output.runtime.startsWith('nodejs');
    await writeFiles(to, folder, isNode ? await withModuleSync(output.files, to.boundary) : output.files);
  } else if (output.zipBuffer) await unzip(Buffer.from(output.zipBuffer), folder);
  else throw new ContractError(`it returned the function "${name}" without "files"`);
  await writeConfig(folder, lambdaConfig(output, settings));
}

async function writeFiles({ writer }: FunctionFolder, folder: string, files: Files): Promise<void> {
  const layout = await layOut(files);
  for (const [path, file] of layout.files) await writer.write(file, join(folder, path));
  for (const [path, target] of layout.links) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(target, join(folder, path));
  }
}

function lambdaConfig(lambda: Lambda, settings: FunctionSettings): object {
  const { type: _type, files: _files, zipBuffer: _zip, ...config } = lambda;
  const chosen = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return { ...config, handler: bundlePath(lambda.handler), environment: lambda.environment ?? {}, ...chosen };
}

function edgeConfig({ type: _type, files: _files, ...config }: EdgeFunction): object {
  return { runtime: 'edge', ...config, entrypoint: bundlePath(config.entrypoint) };
}

async function writeConfig(folder: string, config: object): Promise<void> {
  await writeFile(join(folder, '.vc-config.json'), `${JSON.stringify(config, null, 2)}\n`);
}
