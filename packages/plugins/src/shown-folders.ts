import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { packageFolder } from './locate.ts';

/** A folder of this machine, and the name under which steps see it. */
export interface ShownFolder {
  readonly from: string;
  readonly name: string;
}

/** The same for a builder that is at hand as an object: the packages that its tools lie in, and what these may import. */
export function foldersOfTools(tools: Readonly<Record<string, string>>): ShownFolder[] {
  const folders = Object.values(tools).map(file => packageFolder(dirname(realpathSync(file))));
  return [...new Set(folders)].flatMap(folder => shownFolders([folder], outermost(folder)));
}

/** The topmost folder with packages that a module in this folder could import. */
function outermost(folder: string): string {
  let found = folder;
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) found = at;
  }
  return found;
}

/**
 * The folders that the tools of builders load from: each builder's own, and every `node_modules` from there up to the
 * boundary, at places that lie to one another as they do on disk, so that imports resolve the same.
 *
 * @param folders absolute, links resolved.
 */
export function shownFolders(folders: readonly string[], boundary: string): ShownFolder[] {
  const shown = new Map<string, ShownFolder>();
  const add = (from: string, name: string) => shown.set(from, { from, name });
  for (const [index, folder] of folders.entries()) {
    const inside = relative(boundary, folder);
    const isInside = inside !== '' && !inside.startsWith('..');
    const top = isInside ? boundary : dirname(folder);
    const place = isInside ? 'project' : `builder-${index}`;
    const parts = relative(top, folder).split(sep);
    const packages = parts.indexOf('node_modules');
    // An installed builder's dependencies lie beside it.
    const own = packages === -1 ? folder : join(top, ...parts.slice(0, packages + 1));
    const nameOf = (path: string) => [place, ...relative(top, path).split(sep)].filter(Boolean).join('/');
    add(own, nameOf(own));
    for (let at = dirname(own); ; at = dirname(at)) {
      const modules = join(at, 'node_modules');
      if (basename(at) !== 'node_modules' && modules !== own && existsSync(modules))
        add(modules, nameOf(modules));
      if (at === top || dirname(at) === at || !isInside) break;
    }
  }
  // The innermost first: a module belongs to the nearest folder that holds it.
  return [...shown.values()].sort((a, b) => b.from.length - a.from.length);
}
