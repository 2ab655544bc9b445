import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocatedPlugin } from './locate.ts';

/**
 * A builder's version for fingerprints: its own word, and what it is made of. A package is what its version says; one that
 * lies in a repository changes while nobody raises a number, so there its files count.
 */
export function versionOf({ installed, folder }: LocatedPlugin, version: string): string {
  if (installed) return `${version} (${installed.name}@${installed.version})`;
  return `${version}+${digestOf(folder)}`;
}

/** Installed packages, tests and hidden files are left out: none of them is part of what a builder does. */
const LEFT_OUT = /^(?:\..*|node_modules|test|tests)$/;

/**
 * Absolute paths that decide what `versionOf` says: as long as their status is the same, so is the builder. They may lie where
 * no input of the project does, in folders that git ignores.
 */
export function witnessesOf({ installed, folder, file }: LocatedPlugin): string[] {
  if (installed) return [join(folder, 'package.json'), file];
  return [folder, ...filesOf(folder, { withFolders: true }).map(path => join(folder, path))];
}

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const path of filesOf(folder, { withFolders: false })) {
    const content = readFileSync(join(folder, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}

/** What a builder consists of, relative to its folder, in an order that is the same everywhere. */
function filesOf(folder: string, { withFolders }: { readonly withFolders: boolean }, below = ''): string[] {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(entry => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (LEFT_OUT.test(entry.name)) return [];
    if (entry.isDirectory())
      return [...(withFolders ? [path] : []), ...filesOf(folder, { withFolders }, path)];
    return entry.isFile() ? [path] : [];
  });
}
