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

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    const entries = readdirSync(join(folder, path), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (LEFT_OUT.test(entry.name)) continue;
      if (entry.isDirectory()) add(inner);
      else if (entry.isFile()) {
        const content = readFileSync(join(folder, inner));
        hash.update(`${inner}\0${content.length}\0`).update(content);
      }
    }
  };
  add('');
  return hash.digest('hex').slice(0, 12);
}
