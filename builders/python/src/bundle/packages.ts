import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isAbsolute, join, posix, relative } from 'node:path';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { normalisedName } from '../names.ts';
import { copyTree } from './tree.ts';

/** Files of a package's metadata that say how and when it was installed here, which differs from machine to machine. */
const INSTALL_NOTES = /^[^/]+\.dist-info\/(?:INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json)$/;

/**
 * Copies installed packages into a function. Left out are bytecode, programs (their first line names this machine's
 * interpreter) and notes on the installation; the lists of files are cut down to what is there.
 *
 * Failure: `output-escapes` for a package that was installed in editable form.
 *
 * @returns folders of the service's own sources that packages point to, relative to its root.
 */
export async function copyPackages(from: string, to: string, root: string): Promise<Result<string[]>> {
  await copyTree(from, to, path => {
    if (/(?:^|\/)__pycache__$|\.py[co]$/.test(path) || path === 'bin' || path.startsWith('bin/'))
      return false;
    return path !== '.lock' && !INSTALL_NOTES.test(path);
  });
  const names = await readdir(to).catch(() => []);
  const failures: Failure[] = [];
  const folders: string[] = [];
  for (const name of names.filter(each => each.endsWith('.pth'))) {
    const file = join(to, name);
    const lines = (await readFile(file, 'utf8')).split('\n').filter(line => line.trim() !== '');
    const outward = lines.filter(line => isAbsolute(line));
    const outside = outward.filter(line => relative(root, line).startsWith('..'));
    if (outside.length > 0 || lines.some(line => line.includes('__editable__')))
      failures.push(editable(name));
    if (outward.length === 0) continue;
    folders.push(...outward.map(line => relative(root, line) || '.'));
    const kept = lines.filter(line => !outward.includes(line));
    if (kept.length > 0) await writeFile(file, `${kept.join('\n')}\n`);
    else await rm(file);
  }
  if (failures.length > 0) return failed(...failures);
  for (const name of names.filter(each => each.endsWith('.dist-info'))) await cutDown(to, name);
  return ok(folders);
}

function editable(file: string): Failure {
  return {
    code: 'output-escapes',
    message: `a package was installed in editable form (${file}), so the function would need this machine's folders`,
    help: 'Install it in the ordinary form: without -e, or with --no-editable.',
  };
}

/** `RECORD` lists every file of a package; programs that look for their own files read it. */
async function cutDown(folder: string, info: string): Promise<void> {
  const file = join(folder, info, 'RECORD');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const lines = text.split(/\r?\n/).filter(line => {
    const path = /^"((?:[^"]|"")*)"|^([^,]*)/.exec(line);
    const name = posix.normalize((path?.[1]?.replaceAll('""', '"') ?? path?.[2] ?? '').trim());
    const isGone =
      /(?:^|\/)__pycache__\/|\.py[co]$/.test(name) || INSTALL_NOTES.test(name) || name.endsWith('.pth');
    return (
      name !== '.' && !isGone && !name.startsWith('../') && !name.startsWith('bin/') && !isAbsolute(name)
    );
  });
  await writeFile(file, `${lines.sort().join('\n')}\n`);
}

/** The installed version of a package; `undefined` when it is not installed. */
export async function installedVersion(folder: string, name: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const each of names) {
    const parts = /^(.+?)-([^-]+)\.dist-info$/.exec(each);
    if (parts?.[1] !== undefined && normalisedName(parts[1]) === name) return parts[2];
  }
  return undefined;
}
