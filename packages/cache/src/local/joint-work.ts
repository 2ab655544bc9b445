import { FIELDS, type StatTable } from '../stats.ts';

/** How many files a thread takes at a time. They lie beside each other, so that few folders are opened twice. */
const CHUNK = 64;

/** What lies where in the shared numbers. */
const TAKEN = 0;
const FROM_START = 1;
const FROM_END = 2;
const READY = 3;
const PROGRESS = 4;
const ROOT = 5;
const FAILED = 6;
const WRITTEN = 7;
const FIRST_HELPER = 8;

/** A helper's state. Who is `ABSENT` when the work is done stays out of it, so that one that starts late delays nobody. */
const ABSENT = 0;
const AT_WORK = 1;
const GONE = 2;

/** States of `FAILED`. */
const NOBODY = 0;
const TELLING = 1;
const TOLD = 2;

/** Longest that the main thread goes without looking whether helpers get on (milliseconds). */
const LOOK = 500;
/** Most bytes of a text; longer ones are cut. A path of the system has 4,096 at most. */
const TEXT = 16 * 1024;

/** The memory of a joint work, as it is given to another thread. */
export interface SharedMemory {
  readonly numbers: SharedArrayBuffer;
  readonly texts: SharedArrayBuffer;
  readonly stats: SharedArrayBuffer;
}

/** Why a thread could not write a file. */
export type Trouble =
  | { readonly file: number; readonly why: 'missing' | 'damaged' }
  | { readonly file: number; readonly why: 'error'; readonly error: Readonly<Record<string, unknown>> };

/** The root of the tree that is being written: a descriptor of this process, and where it lies. */
export interface SharedRoot {
  readonly descriptor: number;
  readonly path: string;
}

/**
 * A list of files that several threads of one process write together: who writes which, and what has become of it. All of it
 * is shared memory, since the main thread has no turn of its event loop in between.
 */
export class JointWork {
  readonly #numbers: Int32Array;
  readonly #texts: Uint8Array;
  /** The status of each written file, `FIELDS` numbers for each; zeros for those that are not written. */
  readonly stats: StatTable;

  constructor(readonly memory: SharedMemory) {
    this.#numbers = new Int32Array(memory.numbers);
    this.#texts = new Uint8Array(memory.texts);
    this.stats = new Float64Array(memory.stats);
  }

  /** @param most how many files there are at most. */
  static of(most: number, helpers: number): JointWork {
    return new JointWork({
      numbers: new SharedArrayBuffer(4 * (FIRST_HELPER + helpers)),
      texts: new SharedArrayBuffer(2 * TEXT),
      stats: new SharedArrayBuffer(8 * FIELDS * most),
    });
  }

  /** Whether there is room for the status of so many files. */
  holds(files: number): boolean {
    return files * FIELDS <= this.stats.length;
  }

  /**
   * Opens the work. `prepare` makes the folder of a file. That is done from the end of the list, where the helpers begin, as
   * soon as the first folders are there.
   */
  open(root: SharedRoot, files: number, prepare: (file: number) => void): void {
    this.#write(0, root);
    Atomics.store(this.#numbers, ROOT, 1);
    const chunks = chunksOf(files);
    for (let ready = 0; ready < chunks; ready++) {
      for (const file of chunkAt(chunks - 1 - ready, files)) prepare(file);
      if (this.isOff) return;
      // Not where a thread has failed meanwhile, which nobody shall wait any more to hear.
      Atomics.compareExchange(this.#numbers, READY, ready, ready + 1);
      Atomics.notify(this.#numbers, READY);
    }
  }

  /** The root, once the first folders are there; undefined when the work is off. */
  root(): SharedRoot | undefined {
    this.#awaitReady(0);
    if (this.isOff || Atomics.load(this.#numbers, ROOT) === 0) return undefined;
    return this.#read(0) as SharedRoot;
  }

  /**
   * Files that are now this thread's to write, one chunk after the other, until none is left or the work is off. The main
   * thread comes from the start of the list and the helpers from its end: side by side they would wait for each other, since
   * file systems keep what belongs to neighbouring folders together.
   */
  *share(files: number, who: 'main' | 'helper'): Generator<number> {
    const chunks = chunksOf(files);
    while (Atomics.add(this.#numbers, TAKEN, 1) < chunks) {
      const back =
        who === 'helper'
          ? Atomics.add(this.#numbers, FROM_END, 1)
          : chunks - 1 - Atomics.add(this.#numbers, FROM_START, 1);
      this.#awaitReady(back);
      for (const file of chunkAt(chunks - 1 - back, files)) {
        if (this.isOff) return;
        yield file;
        Atomics.add(this.#numbers, WRITTEN, 1);
        this.progress();
      }
    }
  }

  /** Shows the main thread that somebody is at work. */
  progress(): void {
    Atomics.add(this.#numbers, PROGRESS, 1);
  }

  /** Ends the work for everybody. The first trouble is the one that is told of. */
  fail(trouble: Trouble | undefined): void {
    if (Atomics.compareExchange(this.#numbers, FAILED, NOBODY, TELLING) === NOBODY) {
      if (trouble) this.#write(1, trouble);
      else this.#texts.fill(0, TEXT);
      Atomics.store(this.#numbers, FAILED, TOLD);
    }
    // Whoever waits for folders need not.
    Atomics.store(this.#numbers, READY, 0x7fffffff);
    Atomics.notify(this.#numbers, READY);
  }

  get isOff(): boolean {
    return Atomics.load(this.#numbers, FAILED) !== NOBODY;
  }

  /** How many files have been written. */
  get written(): number {
    return Atomics.load(this.#numbers, WRITTEN);
  }

  /** To be asked when nobody is at work any more. */
  trouble(): Trouble | undefined {
    return Atomics.load(this.#numbers, FAILED) === TOLD ? (this.#read(1) as Trouble | undefined) : undefined;
  }

  /** Whether a helper may take part. From then on it is waited for, until it leaves. */
  join(helper: number): boolean {
    return Atomics.compareExchange(this.#numbers, FIRST_HELPER + helper, ABSENT, AT_WORK) === ABSENT;
  }

  leave(helper: number): void {
    Atomics.store(this.#numbers, FIRST_HELPER + helper, GONE);
    Atomics.notify(this.#numbers, FIRST_HELPER + helper);
  }

  /**
   * Waits for the helpers that have joined; the others stay out from now on.
   *
   * @param patience milliseconds without progress after which a helper is taken for dead: then false.
   */
  areHelpersGone(patience: number): boolean {
    for (let helper = FIRST_HELPER; helper < this.#numbers.length; helper++) {
      if (Atomics.compareExchange(this.#numbers, helper, ABSENT, GONE) !== AT_WORK) continue;
      let seen = Atomics.load(this.#numbers, PROGRESS);
      let since = performance.now();
      while (Atomics.wait(this.#numbers, helper, AT_WORK, Math.min(LOOK, patience)) === 'timed-out') {
        const now = Atomics.load(this.#numbers, PROGRESS);
        if (now === seen && performance.now() - since >= patience) return false;
        if (now !== seen) since = performance.now();
        seen = now;
      }
    }
    return true;
  }

  /** Waits for the folders of a chunk. `back`: counted from the end of the list. */
  #awaitReady(back: number): void {
    for (;;) {
      const ready = Atomics.load(this.#numbers, READY);
      if (ready > back) return;
      Atomics.wait(this.#numbers, READY, ready);
    }
  }

  #write(place: number, value: object): void {
    const shared = this.#texts.subarray(place * TEXT, (place + 1) * TEXT);
    const text = Buffer.from(JSON.stringify(value));
    if (text.length >= TEXT) throw new Error('too much to tell another thread');
    shared.set(text);
    shared[text.length] = 0;
  }

  #read(place: number): object | undefined {
    // A copy, because text cannot be decoded from memory that is shared.
    const bytes = Buffer.from(this.#texts.slice(place * TEXT, (place + 1) * TEXT));
    const text = bytes.toString('utf8', 0, bytes.indexOf(0));
    return text === '' ? undefined : (JSON.parse(text) as object);
  }
}

function chunksOf(files: number): number {
  return Math.ceil(files / CHUNK);
}

function* chunkAt(chunk: number, files: number): Generator<number> {
  const start = chunk * CHUNK;
  for (let file = start; file < Math.min(files, start + CHUNK); file++) yield file;
}
