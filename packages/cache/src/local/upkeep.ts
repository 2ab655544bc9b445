import { createHash } from 'node:crypto';
import {
  createReadStream,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, type Entry, readableEntry, slotOf } from '../entry.ts';
import { entriesIn, type LocalStore } from './store.ts';

/** What a store holds. Sizes in bytes. */
export interface StoreStatus {
  readonly folder: string;
  readonly results: number;
  readonly files: number;
  readonly size: number;
}

interface StoredFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970 of its last use. */
  readonly used: number;
}

export function storeStatus(store: LocalStore): StoreStatus {
  const entries = filesIn(join(store.folder, 'entries'));
  const blobs = filesIn(join(store.folder, 'blobs'));
  const size = [...entries, ...blobs].reduce((sum, file) => sum + file.size, 0);
  return { folder: store.folder, results: entries.length, files: blobs.length, size };
}

/** Content that is younger may belong to a result that another process is just storing (milliseconds). */
const GRACE = 60 * 60 * 1000;

export interface Pruned {
  readonly results: number;
  readonly files: number;
  readonly freed: number;
}

/**
 * Removes results that were not used for the longest time until the rest fits into `largest` bytes, and content that no
 * result names any more. Safe beside other processes: a result whose content goes away under it is taken for missing.
 */
export function pruneStore(store: LocalStore, largest: number, now = Date.now()): Pruned {
  const entries = filesIn(join(store.folder, 'entries')).sort((a, b) => b.used - a.used);
  const blobs = new Map(filesIn(join(store.folder, 'blobs')).map(file => [file.name, file]));
  const kept = new Set<string>();
  let size = 0;
  let results = 0;
  let freed = 0;
  for (const file of entries) {
    const named = contentOf(file.path);
    const added = named.filter(hash => !kept.has(hash)).map(hash => blobs.get(hash)?.size ?? 0);
    const needed = file.size + added.reduce((sum, bytes) => sum + bytes, 0);
    if (size + needed <= largest) {
      size += needed;
      for (const hash of named) kept.add(hash);
      continue;
    }
    rmSync(file.path, { force: true });
    results++;
    freed += file.size;
  }
  let files = 0;
  for (const { name, path, size: bytes, used } of blobs.values()) {
    if (kept.has(name) || now - used < (largest === 0 ? 0 : GRACE)) continue;
    rmSync(path, { force: true });
    files++;
    freed += bytes;
  }
  for (const { path, used } of filesDirectlyIn(join(store.folder, 'tmp')))
    if (now - used >= GRACE) rmSync(path, { force: true });
  return { results, files, freed };
}

/** Time between two prunings that nobody asked for (milliseconds). */
const INTERVAL = 24 * 60 * 60 * 1000;

/** Prunes once a day, after a build that has stored something. */
export function pruneNowAndThen(store: LocalStore, largest: number): void {
  const marker = join(store.folder, 'pruned');
  const last = statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - last < INTERVAL) return;
  if (last === 0) writeFileSync(marker, '');
  const now = new Date();
  utimesSync(marker, now, now);
  pruneStore(store, largest);
}

/** Something in a store that is not as it was written. */
export interface Damage {
  readonly path: string;
  readonly problem: string;
}

/** Checks every result and all content of a store: names, signatures, digests. */
export async function verifyStore(
  store: LocalStore,
  signingKey: Buffer | null,
): Promise<{ readonly damage: readonly Damage[]; readonly results: number; readonly files: number }> {
  const damage: Damage[] = [];
  const blobs = filesIn(join(store.folder, 'blobs'));
  for (const { name, path } of blobs) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    if (hash.digest('hex') !== name) damage.push({ path, problem: 'its content is not what its name says' });
  }
  const entries = filesIn(join(store.folder, 'entries'));
  for (const { name, path } of entries) {
    const problem = entryProblem(name, readFileSync(path), signingKey);
    if (problem !== undefined) damage.push({ path, problem });
  }
  return { damage, results: entries.length, files: blobs.length };
}

function entryProblem(slot: string, bytes: Buffer, signingKey: Buffer | null): string | undefined {
  const claimed = readableEntry(bytes);
  if (!claimed) return 'the entry is damaged';
  if (slotOf(claimed.scope, claimed.key) !== slot) return 'the entry belongs to another key or scope';
  const decoded = decodeEntry(bytes, claimed, signingKey);
  return 'problem' in decoded ? decoded.problem : undefined;
}

/** Without trusting it: what the entry says that it is made of. */
function contentOf(path: string): string[] {
  let entry: Pick<Entry, 'files'> | undefined;
  try {
    entry = readableEntry(readFileSync(path));
  } catch {
    // Pruned by another process.
  }
  return entry?.files.map(({ digest }) => digest.hash) ?? [];
}

function filesIn(folder: string): StoredFile[] {
  return entriesIn(folder).flatMap(({ name }) => filesDirectlyIn(join(folder, name)));
}

function filesDirectlyIn(folder: string): StoredFile[] {
  return entriesIn(folder).flatMap(({ name }) => {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? [{ name, path, size: stat.size, used: stat.mtimeMs }] : [];
  });
}
