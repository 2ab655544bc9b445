/** Code units from here on sort differently as UTF-16 and as UTF-8: surrogates stand for code points above U+FFFF. */
const BEYOND_PLAIN = /[\ud800-\uffff]/;

/** Compares two paths by their UTF-8 bytes, as git and every content digest does, whatever the locale. */
export function byteOrder(a: string, b: string): number {
  if (BEYOND_PLAIN.test(a) || BEYOND_PLAIN.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A sorted copy without duplicates. The common case avoids a comparator, which matters at 100,000 paths. */
export function sortedByBytes(paths: Iterable<string>): string[] {
  const unique = [...new Set(paths)];
  return unique.some(path => BEYOND_PLAIN.test(path)) ? unique.sort(byteOrder) : unique.sort();
}

/** The part of a sorted list that lies at or below a folder; `.` is everything. */
export function below(sorted: readonly string[], directory: string): readonly string[] {
  if (directory === '.' || directory === '') return sorted;
  const first = firstNotBefore(sorted, `${directory}/`);
  // '0' is the character after '/': nothing below the folder sorts at or behind it.
  const inside = sorted.slice(first, firstNotBefore(sorted, `${directory}0`));
  const itself = sorted[firstNotBefore(sorted, directory)];
  return itself === directory ? [directory, ...inside] : inside;
}

/** The entries of a sorted list that lie in a folder itself; whole folders inside it are jumped over. */
export function directlyIn(sorted: readonly string[], directory: string): readonly string[] {
  const prefix = directory === '.' || directory === '' ? '' : `${directory}/`;
  const found: string[] = [];
  for (let at = firstNotBefore(sorted, prefix); at < sorted.length; ) {
    const path = sorted[at] ?? '';
    if (!path.startsWith(prefix)) break;
    const slash = path.indexOf('/', prefix.length);
    if (slash === -1) found.push(path);
    at = slash === -1 ? at + 1 : firstNotBefore(sorted, `${path.slice(0, slash)}0`);
  }
  return found;
}

function firstNotBefore(sorted: readonly string[], path: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byteOrder(sorted[middle] ?? '', path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `a`, `a/b` and `a/b/c` for `a/b/c/d`. */
export function* foldersAbove(path: string): Generator<string> {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    yield path.slice(0, slash);
  }
}

/** Drops every entry that lies inside another entry that is a folder (ends in `/`). */
export function collapsed(entries: Iterable<string>): string[] {
  const sorted = sortedByBytes(entries);
  const folders = new Set(sorted.filter(entry => entry.endsWith('/')));
  return sorted.filter(entry => {
    for (const folder of foldersAbove(entry)) {
      if (`${folder}/` !== entry && folders.has(`${folder}/`)) return false;
    }
    return true;
  });
}
