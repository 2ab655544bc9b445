import type { BlobSource, CacheBackend, Traffic } from './backend.ts';
import { type Digest, decodeEntry, type Entry, encodeEntry, slotOf } from './entry.ts';
import { type Restored, restoreTree } from './local/restore.ts';
import type { LocalStore } from './local/store.ts';

/** One backend and what this run may do with it. */
export interface Place {
  readonly backend: CacheBackend;
  readonly read: boolean;
  readonly write: boolean;
}

/** Something about the cache that its user should hear of; the build goes on. */
export interface Rejection {
  readonly from: string;
  readonly key: string | null;
  readonly reason: string;
}

export interface ResultCacheOptions {
  /** Nearest first. */
  readonly places: readonly Place[];
  /** Where content lands and is restored from, whether or not this run keeps results there. */
  readonly store: LocalStore;
  readonly signingKey: Buffer | null;
  /** The scope that is written. */
  readonly scope: string;
  /** Scopes that are read, the own one first. */
  readonly readScopes: readonly string[];
  /** Milliseconds that all reading from places other than the local one may take together. */
  readonly patience: number;
  rejected(rejection: Rejection): void;
}

/** A result that was found, with all its content in the local store. */
export interface Found {
  readonly entry: Entry;
  readonly from: string;
}

/** Failures of a place in a row after which it is left alone for the rest of the run. */
const MOST_FAILURES = 3;

/** Results from all places: looks them up, decides what can be trusted, and stores new ones. Never fails a build. */
export class ResultCache {
  readonly #failures = new Map<string, number>();
  readonly #deadline: number;

  constructor(private readonly options: ResultCacheOptions) {
    this.#deadline = performance.now() + options.patience;
  }

  /** The results of those keys that some place has, with their content fetched. */
  async find(keys: readonly string[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    for (const place of this.options.places) {
      if (!place.read) continue;
      for (const scope of this.options.readScopes) {
        const wanted = keys.filter(key => !found.has(key));
        if (wanted.length === 0) return found;
        await this.#findIn(place.backend, scope, wanted, found);
      }
    }
    return found;
  }

  async #findIn(
    backend: CacheBackend,
    scope: string,
    keys: readonly string[],
    found: Map<string, Found>,
  ): Promise<void> {
    const slots = new Map(keys.map(key => [slotOf(scope, key), key]));
    const answers = await this.#attempt(backend, null, signal => backend.find([...slots.keys()], signal));
    for (const [slot, bytes] of answers ?? []) {
      const key = slots.get(slot);
      if (key === undefined) continue;
      const decoded = decodeEntry(bytes, { scope, key }, this.options.signingKey);
      if ('problem' in decoded) {
        this.#reject(backend, key, decoded.problem);
        // An entry is written once, so a bad one would stand in the way of a good one for ever.
        if (backend === this.options.store) this.options.store.forgetEntry(slot);
        continue;
      }
      if (await this.#bring(backend, slot, decoded.entry))
        found.set(key, { entry: decoded.entry, from: backend.name });
    }
  }

  /** Whether all content of an entry is in the local store in the end. */
  async #bring(backend: CacheBackend, slot: string, entry: Entry): Promise<boolean> {
    const { store } = this.options;
    const missing = distinct(entry.files.map(({ digest }) => digest)).filter(digest => !store.has(digest));
    if (missing.length === 0) return true;
    if (backend === store) {
      // Pruned, or interrupted while it was written.
      store.forgetEntry(slot);
      return false;
    }
    const damaged: Digest[] = [];
    await this.#attempt(backend, entry.key, signal =>
      backend.fetch(
        slot,
        missing,
        async (digest, chunks) => {
          const fits = await store.accept(digest, chunks);
          if (!fits) damaged.push(digest);
          return fits;
        },
        signal,
      ),
    );
    if (damaged.length > 0) {
      this.#reject(backend, entry.key, `${damaged.length} of its files are not what they should be`);
      return false;
    }
    return missing.every(digest => store.has(digest));
  }

  /** Writes a found result's tree to a new folder. */
  async restore({ entry, from }: Found, to: string): Promise<Restored> {
    const { store } = this.options;
    const restored = await restoreTree(store, entry, to);
    if (restored.ok) return restored;
    if (restored.why !== 'missing') this.options.rejected({ from, key: entry.key, reason: restored.problem });
    if (restored.why !== 'disturbed') store.forgetEntry(slotOf(entry.scope, entry.key));
    return restored;
  }

  /** Stores a result in every place that this run writes to. `wait`: milliseconds for places other than the local one. */
  async store(
    results: readonly { readonly entry: Omit<Entry, 'scope'>; readonly blobs: readonly BlobSource[] }[],
    wait: number,
  ): Promise<void> {
    const { places, scope, signingKey } = this.options;
    const signal = AbortSignal.timeout(wait);
    await Promise.all(
      places
        .filter(place => place.write)
        .map(async ({ backend }) => {
          for (const { entry, blobs } of results) {
            const whole = { ...entry, scope };
            await this.#attempt(
              backend,
              entry.key,
              each =>
                backend.store(
                  slotOf(scope, entry.key),
                  encodeEntry(whole, signingKey),
                  distinctBlobs(blobs),
                  each,
                ),
              signal,
            );
          }
        }),
    );
  }

  /** What has gone over the wire so far, of places that were asked anything over one. */
  get traffic(): readonly (Traffic & { readonly from: string })[] {
    return this.options.places
      .map(({ backend }) => ({ from: backend.name, ...backend.traffic }))
      .filter(({ requests }) => requests > 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.options.places.map(({ backend }) => backend.close().catch(() => undefined)));
  }

  /** Runs what may fail or hang. A place that fails several times in a row is not asked again. */
  async #attempt<T>(
    backend: CacheBackend,
    key: string | null,
    action: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const failures = this.#failures.get(backend.name) ?? 0;
    if (failures >= MOST_FAILURES) return undefined;
    const isLocal = backend === this.options.store;
    const left = this.#deadline - performance.now();
    if (!isLocal && !signal && left <= 0) return undefined;
    const limit = signal ?? (isLocal ? NEVER : AbortSignal.timeout(Math.max(1, Math.round(left))));
    try {
      const result = await abandonable(action(limit), limit);
      this.#failures.set(backend.name, 0);
      return result;
    } catch (error) {
      const count = failures + 1;
      this.#failures.set(backend.name, count);
      const last = count === MOST_FAILURES || limit.aborted;
      if (limit.aborted) this.#failures.set(backend.name, MOST_FAILURES);
      const reason = limit.aborted
        ? 'it did not answer in time'
        : error instanceof Error
          ? error.message
          : String(error);
      this.#reject(backend, key, last ? `${reason}; it is not asked again in this run` : reason);
      return undefined;
    }
  }

  #reject(backend: CacheBackend, key: string | null, reason: string): void {
    this.options.rejected({ from: backend.name, key, reason });
  }
}

const NEVER = new AbortController().signal;

/** A backend that ignores its signal must not hold anybody up. */
function abandonable<T>(action: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    action.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function distinct(digests: readonly Digest[]): Digest[] {
  return [...new Map(digests.map(digest => [digest.hash, digest])).values()];
}

function distinctBlobs(blobs: readonly BlobSource[]): BlobSource[] {
  return [...new Map(blobs.map(blob => [blob.digest.hash, blob])).values()];
}
