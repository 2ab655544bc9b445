import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ContractError } from '../host/errors.ts';
import type { HostRequest } from '../host/protocol.ts';
import { FileWriter } from './file-writer.ts';
import { bundlePath } from './names.ts';
import { isObject } from './shapes.ts';

const PARTS = ['functions', 'static'];

/**
 * Takes over a Build Output directory that a builder has made itself (`buildOutputPath`). Functions that refer to files of the
 * checkout (`filePathMap`) get them. Returns the directory's own `config.json`.
 */
export async function adoptBuildOutput(
  path: string,
  result: Readonly<Record<string, unknown>>,
  { boundary, root, output }: HostRequest,
): Promise<object> {
  const folder = resolve(root, path);
  const config = await readConfig(folder, path);
  for (const part of PARTS) {
    if (await isFolder(join(folder, part))) {
      await cp(join(folder, part), join(output, part), { recursive: true, verbatimSymlinks: true });
    }
  }
  await completeFunctions(join(output, 'functions'), boundary);
  const framework = config.framework ?? result.framework;
  return { ...config, ...(framework ? { framework } : {}) };
}

async function readConfig(folder: string, shown: string): Promise<Record<string, unknown>> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(error => {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  });
  if (text === undefined)
    throw new ContractError(`it returned the build output "${shown}", which has no config.json`);
  const config: unknown = JSON.parse(text);
  if (isObject(config) && config.version === 3) return config;
  throw new ContractError(`it returned the build output "${shown}", whose config.json is not of version 3`);
}

async function completeFunctions(functions: string, boundary: string): Promise<void> {
  if (!(await isFolder(functions))) return;
  const writer = new FileWriter();
  for (const entry of await readdir(functions, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name !== '.vc-config.json') continue;
    const file = join(entry.parentPath, entry.name);
    const { filePathMap, ...config } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    if (!isObject(filePathMap)) continue;
    for (const [path, source] of Object.entries(filePathMap)) {
      const target = join(entry.parentPath, bundlePath(path));
      await mkdir(dirname(target), { recursive: true });
      await writer.copy(join(boundary, String(source)), target);
    }
    // Replaced rather than overwritten: the copy may be one name of several.
    await rm(file);
    await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    stats => stats.isDirectory(),
    () => false,
  );
}
