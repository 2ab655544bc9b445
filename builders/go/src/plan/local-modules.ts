import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import { replacedFolders, usedFolders } from '../go-work.ts';
import type { FoundModule } from './module.ts';
import { readIfThere } from './module.ts';

/** A module that lies in the project. Folders are relative to the boundary. */
interface LocalModule {
  readonly folder: string;
  /** Its import path. */
  readonly path: string;
}

/**
 * What a service's programs are made of outside its root, relative to the boundary: packages of its own module, whole
 * modules that the workspace uses or that `replace` leads to, and the files that tell go of them. Found by following
 * imports, for in a workspace nothing else tells.
 */
export async function outsideInputs(
  request: PlanRequest,
  module: FoundModule,
  packages: readonly string[],
): Promise<string[]> {
  const { directory } = request;
  const { boundary } = request.paths;
  const fromBoundary = (folder: string) => posix.join(directory, folder);
  const own: LocalModule = { folder: fromBoundary(module.folder), path: modulePath(module.text) };
  const work = module.workspace === null ? null : fromBoundary(module.workspace);
  const workText = work === null ? '' : ((await readIfThere(join(boundary, work, 'go.work'))) ?? '');
  const replaced = [
    ...replacedFolders(module.text).map(folder => posix.join(own.folder, folder)),
    ...replacedFolders(workText).map(folder => posix.join(work ?? '.', folder)),
  ];
  const used = usedFolders(workText).map(folder => posix.join(work ?? '.', folder));
  const others = await modulesIn(boundary, [...new Set([...used, ...replaced])], own);
  const reached = await reachedPackages(boundary, packages.map(fromBoundary), [own, ...others]);

  const ownPackages = reached.filter(({ module: each }) => each === own).map(({ folder }) => folder);
  const needed = others.filter(
    // go reads the manifest of what is replaced even where nothing imports it.
    each => replaced.includes(each.folder) || reached.some(found => found.module === each),
  );
  const manifests = ['go.mod', 'go.sum', 'vendor'].map(name => posix.join(own.folder, name));
  const ofWork = work === null ? [] : ['go.work', 'go.work.sum'].map(name => posix.join(work, name));
  const paths = [...manifests, ...ofWork, ...ownPackages, ...needed.map(({ folder }) => folder)];
  return [...new Set(paths)].filter(path => !isWithin(directory, path) && !isWithin(path, directory)).sort();
}

/** The import path that a `go.mod` names. */
function modulePath(text: string): string {
  return /^\s*module\s+"?([^\s"]+)/m.exec(text)?.[1] ?? '';
}

async function modulesIn(
  boundary: string,
  folders: readonly string[],
  own: LocalModule,
): Promise<LocalModule[]> {
  const modules: LocalModule[] = [];
  for (const folder of folders) {
    if (folder === own.folder || folder.startsWith('..')) continue;
    const text = await readIfThere(join(boundary, folder, 'go.mod'));
    if (text !== undefined) modules.push({ folder, path: modulePath(text) });
  }
  return modules;
}

interface Reached {
  readonly folder: string;
  readonly module: LocalModule;
}

async function reachedPackages(
  boundary: string,
  from: readonly string[],
  modules: readonly LocalModule[],
): Promise<Reached[]> {
  const seen = new Set(from);
  const found: Reached[] = [];
  for (const folder of seen) {
    for (const path of await importsOf(join(boundary, folder))) {
      const module = ownerOf(path, modules);
      if (!module) continue;
      const inner = posix.join(module.folder, path.slice(module.path.length));
      if (seen.has(inner)) continue;
      seen.add(inner);
      found.push({ folder: inner, module });
    }
  }
  return found;
}

/** The module with the longest path that a package's path begins with. */
function ownerOf(path: string, modules: readonly LocalModule[]): LocalModule | undefined {
  return modules
    .filter(each => each.path !== '' && (path === each.path || path.startsWith(`${each.path}/`)))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

async function importsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const sources = names.filter(name => name.endsWith('.go') && !name.endsWith('_test.go'));
  const texts = await Promise.all(sources.map(name => readFile(join(folder, name), 'utf8')));
  return texts.flatMap(importsIn);
}

/** Paths in the import declarations of a source, single and in parentheses. */
export function importsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^import\s*\(([\s\S]*?)^\s*\)/gm)].map(match => match[1] ?? '');
  const lines = [...text.matchAll(/^import\s+([^(\n].*)$/gm)].map(match => match[1] ?? '');
  return [...blocks.flatMap(block => block.split('\n')), ...lines].flatMap(line => {
    const path = /^\s*(?:[\w.]+\s+)?["`]([^"`]+)["`]/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
}

function isWithin(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}
