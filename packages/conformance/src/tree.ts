import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Every file and link below a folder -> what it is, so that two trees can be compared. Paths sorted. */
export function snapshot(folder: string, leftOut: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of filesBelow(folder, leftOut)) {
    const stats = lstatSync(join(folder, path));
    if (stats.isSymbolicLink()) found.set(path, `link ${readlinkSync(join(folder, path))}`);
    else {
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex');
      found.set(path, `${stats.mode.toString(8)} ${digest}`);
    }
  }
  return found;
}

/** Paths of the files and links below a folder, sorted; `leftOut` are names directly in it. */
export function filesBelow(folder: string, leftOut: readonly string[] = []): string[] {
  const found: string[] = [];
  const walk = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (leftOut.includes(inner)) continue;
      if (entry.isDirectory()) walk(inner);
      else found.push(inner);
    }
  };
  walk('');
  return found.sort();
}

/** Where two trees differ, in words: `made: a.txt`, `changed: b.txt`. */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap(path => {
    if (!before.has(path)) return [`made: ${path}`];
    if (!after.has(path)) return [`gone: ${path}`];
    return before.get(path) === after.get(path) ? [] : [`changed: ${path}`];
  });
}

/** The files of a tree that hold a text, in their content or as the target of a link. */
export function filesThatHold(folder: string, text: string): string[] {
  return filesBelow(folder).filter(path => {
    const file = join(folder, path);
    if (lstatSync(file).isSymbolicLink()) return readlinkSync(file).includes(text);
    return readFileSync(file).includes(text);
  });
}
