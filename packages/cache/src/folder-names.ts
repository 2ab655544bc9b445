import type { Dirent } from 'node:fs';

/** svc's own folder and the vendor's change with every build and hold no input. */
const OWN = new Set(['.svc', '.vercel']);
const VERSION_CONTROL = new Set(['.git', '.hg', '.svn']);

/** Folders in which no input lies, whatever else says so. */
export function holdsNoInputs(name: string): boolean {
  return OWN.has(name) || VERSION_CONTROL.has(name);
}

/** What a folder holds, as one text: the kind and name of each entry, sorted. Two folders with the same text hold the same names. */
export function namesText(entries: readonly Dirent[]): string {
  const names: string[] = [];
  for (const entry of entries) {
    if (OWN.has(entry.name)) continue;
    const kind = entry.isDirectory() ? 'd' : entry.isFile() ? 'f' : entry.isSymbolicLink() ? 'l' : 'o';
    names.push(`${kind}${entry.name}`);
  }
  return names.sort().join('\0');
}
