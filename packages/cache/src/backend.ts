import type { Digest } from './entry.ts';

/** Content that is to be stored: what it is, and where it lies. */
export type BlobSource = { readonly digest: Digest } & (
  | {
      /** Absolute path of a file that nobody changes meanwhile. */
      readonly path: string;
    }
  | { readonly content: Buffer }
);

/** Takes content that a backend brings, checks it against its digest, and says whether it fits. */
export type AcceptBlob = (
  digest: Digest,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
) => Promise<boolean>;

/**
 * A place that keeps results. It knows slots (64 hex digits) with the bytes of an entry, and content by digest; what they
 * mean and whether they can be trusted is decided by `ResultCache`. Every implementation passes
 * `test/backend-conformance.ts`. Methods reject when the place cannot be reached, or breaks its own protocol; nothing that
 * it answers is believed.
 */
export interface CacheBackend {
  /** For people: `local`, `remote`. */
  readonly name: string;
  /** The entries of those slots that have one, with as few round trips as the place allows. */
  find(slots: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Brings content that belongs to the entry of a slot found before. What the place does not have is left out. */
  fetch(slot: string, digests: readonly Digest[], accept: AcceptBlob, signal: AbortSignal): Promise<void>;
  /**
   * Stores an entry after the content that it names. An entry is written once: where the slot has one already, it stays and
   * `exists` is the answer.
   */
  store(
    slot: string,
    entry: Uint8Array,
    blobs: readonly BlobSource[],
    signal: AbortSignal,
  ): Promise<'stored' | 'exists'>;
  /** What has gone over the wire so far. */
  readonly traffic: Traffic;
  close(): Promise<void>;
}

export interface Traffic {
  readonly requests: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export const NO_TRAFFIC: Traffic = { requests: 0, bytesReceived: 0, bytesSent: 0 };
