import type { InputFile } from './inventory.ts';
import { DIGEST_BYTES } from './last-build.ts';
import { FIELDS, type FileState, readStat, statTable, writeStat } from './stats.ts';

const FIRST_CAPACITY = 256;

/**
 * Input files by path. State and digest are numbers in two tables: as objects, those of 100,000 files would take more memory
 * than all the rest of svc.
 */
export class InputTable {
  readonly #places = new Map<string, number>();
  #stats = statTable(FIRST_CAPACITY);
  #digests = Buffer.alloc(FIRST_CAPACITY * DIGEST_BYTES);

  get size(): number {
    return this.#places.size;
  }

  set(path: string, stat: FileState, digest: Buffer): void {
    const place = this.#places.get(path) ?? this.#places.size;
    this.#places.set(path, place);
    if ((place + 1) * DIGEST_BYTES > this.#digests.length) this.#grow();
    writeStat(this.#stats, place * FIELDS, stat);
    digest.copy(this.#digests, place * DIGEST_BYTES);
  }

  get(path: string): InputFile | undefined {
    const place = this.#places.get(path);
    return place === undefined ? undefined : this.#at(path, place);
  }

  has(path: string): boolean {
    return this.#places.has(path);
  }

  keys(): IterableIterator<string> {
    return this.#places.keys();
  }

  *values(): IterableIterator<InputFile> {
    for (const [path, place] of this.#places) yield this.#at(path, place);
  }

  #at(path: string, place: number): InputFile {
    const digest = this.#digests.subarray(place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES);
    return { path, stat: readStat(this.#stats, place * FIELDS), digest };
  }

  #grow(): void {
    const stats = statTable((this.#stats.length / FIELDS) * 2);
    stats.set(this.#stats);
    this.#stats = stats;
    this.#digests = Buffer.concat([this.#digests, Buffer.alloc(this.#digests.length)]);
  }
}
