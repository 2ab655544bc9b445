import { join, posix } from 'node:path';
import { readIfThere, type TomlTable, tableAt, tablesIn } from '@svc/builder-kit';
import type { DependencySource } from '../input.ts';
import { normalisedName } from '../names.ts';
import { parseManifest } from '../parse.ts';
import type { ServiceFiles } from './service-files.ts';

/**
 * What installing reads of the project outside the service's root, relative to the boundary: packages that lie in folders,
 * and files that `requirements.txt` includes. Of the members of a uv workspace that the service doesn't need, uv wants
 * no more than the manifest.
 */
export async function outsideInputs(files: ServiceFiles, source: DependencySource): Promise<string[]> {
  const { directory } = files.request;
  const paths = await named(files, source);
  const fromBoundary = paths.map(path => posix.join(directory, path).replace(/(.)\/$/, '$1'));
  const outside = fromBoundary.filter(
    path => !path.startsWith('..') && !isWithin(directory, path) && !isWithin(path, directory),
  );
  return [...new Set(outside)].sort();
}

/** Relative to the service's root. */
async function named(files: ServiceFiles, source: DependencySource): Promise<string[]> {
  switch (source.kind) {
    case 'uv-lock':
      return ofUvLock(files, source.file);
    case 'pyproject':
    case 'project':
      return ofPyproject(tableOf(await files.read('pyproject.toml')));
    case 'requirements':
      return ofRequirements(files, 'requirements.txt');
    case 'pipfile':
    case 'pipfile-lock':
      return pathsIn(tableAt(tableOf(await files.read('Pipfile')), 'packages'));
    case 'none':
      return [];
  }
}

/** Files that cannot be read have been reported by who chose them. */
function tableOf(text: string | undefined): TomlTable {
  const parsed = parseManifest(text ?? '', '');
  return parsed.ok ? parsed.value : {};
}

async function ofUvLock(files: ServiceFiles, file: string): Promise<string[]> {
  const { paths, directory } = files.request;
  const lock = tableOf(await readIfThere(join(paths.root, file)));
  const folder = posix.dirname(file);
  const packages = tablesIn(lock.package).flatMap(entry => {
    const source = tableAt(entry, 'source');
    const path = [source.editable, source.directory, source.virtual].find(each => typeof each === 'string');
    const name = normalisedName(String(entry.name));
    return typeof path === 'string' ? [{ name, entry, folder: posix.join(folder, path) }] : [];
  });
  const needed = new Set(packages.filter(each => posix.join(directory, each.folder) === directory));
  for (const { entry } of needed) {
    const names = tablesIn(entry.dependencies).map(each => normalisedName(String(each.name)));
    for (const each of packages) if (names.includes(each.name)) needed.add(each);
  }
  return packages.map(each => (needed.has(each) ? each.folder : posix.join(each.folder, 'pyproject.toml')));
}

function ofPyproject(pyproject: TomlTable): string[] {
  const required = tableAt(pyproject, 'project').dependencies;
  const lines = Array.isArray(required) ? required.filter(each => typeof each === 'string') : [];
  return [...pathsIn(tableAt(pyproject, 'tool', 'uv', 'sources')), ...lines.flatMap(folderOf)];
}

/** Values of a table that have a `path`. */
function pathsIn(table: TomlTable): string[] {
  return Object.values(table).flatMap(value =>
    (Array.isArray(value) ? tablesIn(value) : tablesIn([value])).flatMap(({ path }) =>
      typeof path === 'string' ? [path] : [],
    ),
  );
}

const INCLUDED = /^\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)/;

/** Includes are relative to the file that names them, folders to where the installer runs: the root. */
async function ofRequirements(files: ServiceFiles, first: string): Promise<string[]> {
  const seen = new Set([first]);
  const found: string[] = [];
  for (const file of seen) {
    const text = await readIfThere(join(files.request.paths.root, file));
    for (const line of (text ?? '').split('\n')) {
      const included = INCLUDED.exec(line)?.[1];
      if (included === undefined) found.push(...folderOf(line));
      else if (!/^[a-z+]+:/i.test(included)) seen.add(posix.join(posix.dirname(file), included));
    }
  }
  return [...seen, ...found];
}

/** The folder or file that a requirement names: `-e ../shared`, `../shared[extra]`, `shared @ file:../shared`. */
function folderOf(line: string): string[] {
  const plain = line.replace(/^\s*(?:-e|--editable)(?:\s+|=)/, '').trim();
  const path =
    /^(?:file:)?(\.{1,2}(?:\/[^\s[;#]*)?)/.exec(plain)?.[1] ??
    /@\s*(?:file:)?(\.{1,2}\/[^\s[;#]*)/.exec(plain)?.[1];
  return path === undefined ? [] : [path];
}

function isWithin(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}
