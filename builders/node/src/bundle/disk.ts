import { readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';

/**
 * The disk as the tracer reads it. A trace asks for tens of thousands of paths, most of them again and again; reading at
 * once and remembering takes a third of the time of nft's own asynchronous reading.
 */
export class Disk {
  readonly #stats = new Map<string, Stats | null>();
  readonly #links = new Map<string, string | null>();
  readonly #manifests = new Map<string, string | null>();

  stat(path: string): Stats | null {
    return remembered(this.#stats, path, () => statSync(path, { throwIfNoEntry: false }) ?? null);
  }

  /** Where a link leads, as written; `null` for anything that is not a link. */
  readlink(path: string): string | null {
    return remembered(this.#links, path, () => readlinkSync(path));
  }

  /** `null` when there is no such file. Only manifests are remembered: everything else is read once. */
  read(path: string): string | Buffer | null {
    if (path.endsWith('package.json')) return remembered(this.#manifests, path, () => readFileSync(path, 'utf8'));
    return orNull(() => readFileSync(path));
  }
}

function remembered<T>(known: Map<string, T | null>, path: string, ask: () => T | null): T | null {
  const old = known.get(path);
  if (old !== undefined) return old;
  const answer = orNull(ask);
  known.set(path, answer);
  return answer;
}

/** Whatever the reason why something can't be read, for a tracer it is not there. */
function orNull<T>(ask: () => T | null): T | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
