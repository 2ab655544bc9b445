import { isInOwnFolder } from './generated.ts';
import type { FileList } from './listing.ts';
import { sortedByBytes } from './paths.ts';

/**
 * The answer of `git ls-files -z -t --stage --cached --others` as git gave it: bytes. Git lists untracked paths first and
 * tracked ones after them, each group sorted by bytes, so a folder's files are found by bisection and only they become
 * strings. Turning 100,000 records into strings and sorting them again takes longer than git takes to list them.
 */
export class GitRecords implements FileList {
  readonly #untracked: Group;
  readonly #tracked: Group;
  readonly #output: Buffer;

  constructor(output: Buffer) {
    this.#output = output;
    const border = firstTracked(output);
    this.#untracked = new Group(output, 0, border, start => start + '? '.length);
    this.#tracked = new Group(output, border, output.length, start => output.indexOf(TAB, start) + 1);
  }

  get hasTracked(): boolean {
    return this.#tracked.start < this.#tracked.end;
  }

  /** Repositories inside this one, or a sparse checkout: what is listed is then not what is there. */
  get needsInterpretation(): boolean {
    return (
      this.#output.includes(' 160000 ') ||
      this.#output.includes('\0S ') ||
      this.#output.subarray(0, 2).equals(Buffer.from('S ')) ||
      this.#output.subarray(0, this.#tracked.start).includes('/\0')
    );
  }

  below(directory: string): readonly string[] {
    return inputsAmong([...this.#untracked.below(directory), ...this.#tracked.below(directory)]);
  }

  *all(): Generator<string> {
    for (const group of [this.#untracked, this.#tracked])
      for (const path of group.below('.')) if (!isInOwnFolder(path)) yield path;
  }

  directlyIn(directory: string): readonly string[] {
    return inputsAmong([...this.#untracked.directlyIn(directory), ...this.#tracked.directlyIn(directory)]);
  }

  named(name: string): readonly string[] {
    const paths = [...this.#untracked.containing(`${name}\0`), ...this.#tracked.containing(`${name}\0`)];
    return inputsAmong(paths.filter(path => path === name || path.endsWith(`/${name}`)));
  }

  /** Tracked paths in which these bytes occur. */
  trackedContaining(text: string): readonly string[] {
    return [...this.#tracked.containing(text)];
  }
}

const TAB = 9;
const NUL = 0;

function inputsAmong(paths: readonly string[]): readonly string[] {
  // A file with a merge conflict is listed once for each of its stages.
  return sortedByBytes(paths.filter(path => !isInOwnFolder(path)));
}

/** Records between two offsets, sorted by path. `pathStart` says where in a record its path begins. */
class Group {
  readonly start: number;
  readonly end: number;
  readonly #bytes: Buffer;
  readonly #pathStart: (record: number) => number;

  constructor(bytes: Buffer, start: number, end: number, pathStart: (record: number) => number) {
    this.#bytes = bytes;
    this.start = start;
    this.end = end;
    this.#pathStart = pathStart;
  }

  *below(directory: string): Generator<string> {
    if (directory === '.' || directory === '') return yield* this.#between(this.start, this.end);
    yield* this.#between(this.#find(directory), this.#find(`${directory}\0`));
    // '0' is the character after '/': nothing below the folder sorts at or behind it.
    yield* this.#between(this.#find(`${directory}/`), this.#find(`${directory}0`));
  }

  *directlyIn(directory: string): Generator<string> {
    const prefix = directory === '.' || directory === '' ? '' : `${directory}/`;
    const end = prefix === '' ? this.end : this.#find(`${directory}0`);
    for (let record = prefix === '' ? this.start : this.#find(prefix); record < end; ) {
      const path = this.#pathOf(record);
      const slash = path.indexOf('/', prefix.length);
      if (slash === -1) yield path;
      record = slash === -1 ? this.#after(record) : this.#find(`${path.slice(0, slash)}0`);
    }
  }

  *containing(text: string): Generator<string> {
    let at = this.#bytes.indexOf(text, this.start);
    while (at !== -1 && at < this.end) {
      const record = this.#recordAt(at);
      yield this.#pathOf(record);
      at = this.#bytes.indexOf(text, this.#after(record));
    }
  }

  *#between(first: number, end: number): Generator<string> {
    for (let record = first; record < end; record = this.#after(record)) yield this.#pathOf(record);
  }

  /** Offset of the first record whose path does not sort before this one. */
  #find(path: string): number {
    const wanted = Buffer.from(path);
    let low = this.start;
    let high = this.end;
    while (low < high) {
      const record = Math.max(low, this.#recordAt((low + high) >>> 1));
      const next = this.#after(record);
      const order = this.#bytes.compare(wanted, 0, wanted.length, this.#pathStart(record), next - 1);
      if (order < 0) low = next;
      else high = record;
    }
    return low;
  }

  #recordAt(offset: number): number {
    return offset === 0 ? 0 : this.#bytes.lastIndexOf(NUL, offset - 1) + 1;
  }

  #after(record: number): number {
    return this.#bytes.indexOf(NUL, record) + 1;
  }

  #pathOf(record: number): string {
    return this.#bytes.toString('utf8', this.#pathStart(record), this.#after(record) - 1);
  }
}

/** Offset of the first record that does not begin with `? `. */
function firstTracked(output: Buffer): number {
  let low = 0;
  let high = output.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = middle === 0 ? 0 : Math.max(low, output.lastIndexOf(NUL, middle - 1) + 1);
    if (output[record] === '?'.charCodeAt(0)) low = output.indexOf(NUL, record) + 1;
    else high = record;
  }
  return low;
}
