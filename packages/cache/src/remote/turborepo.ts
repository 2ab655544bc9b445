import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { AcceptBlob, BlobSource, CacheBackend, Traffic } from '../backend.ts';
import type { Digest } from '../entry.ts';
import { readArtifactBlobs, readArtifactEntry, writeArtifact } from './artifact.ts';
import { atOnce } from './at-once.ts';

export interface TurborepoOptions {
  /** Address of the server without `/v8`. */
  readonly url: string;
  readonly token: string;
  /** `slug` of the team, or its id. */
  readonly team: { readonly slug: string } | { readonly id: string };
  /** Gives a new path for a temporary file. */
  aside(): string;
}

/** Requests under way at a time: enough to hide the distance, few enough for small servers. */
const AT_ONCE = 8;
/** Largest body that is taken (bytes). */
const LARGEST_BODY = 2 * 1024 ** 3;

/**
 * Turborepo's remote cache protocol, version 8: one body a key. Servers of it take whatever comes last for a key, so this
 * asks before it stores. Entry and content travel together: one round trip a hit.
 */
export class TurborepoBackend implements CacheBackend {
  readonly name = 'remote';
  readonly #bodies = new Map<string, string>();
  #requests = 0;
  #received = 0;
  #sent = 0;

  constructor(private readonly options: TurborepoOptions) {}

  get traffic(): Traffic {
    return { requests: this.#requests, bytesReceived: this.#received, bytesSent: this.#sent };
  }

  async find(slots: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    await atOnce(AT_ONCE, slots, async slot => {
      const body = await this.#download(slot, signal);
      if (body === undefined) return;
      this.#bodies.set(slot, body);
      found.set(slot, await readArtifactEntry(body, signal));
    });
    return found;
  }

  async fetch(
    slot: string,
    digests: readonly Digest[],
    accept: AcceptBlob,
    signal: AbortSignal,
  ): Promise<void> {
    const body = this.#bodies.get(slot);
    if (body !== undefined) await readArtifactBlobs(body, digests, accept, signal);
  }

  async store(slot: string, entry: Uint8Array, blobs: readonly BlobSource[], signal: AbortSignal) {
    const known = await this.#request(slot, { method: 'HEAD', signal });
    await known.body?.cancel();
    if (known.ok) return 'exists' as const;
    if (known.status !== 404) throw refusal(known);
    const file = this.options.aside();
    try {
      await writeArtifact(file, entry, blobs, signal);
      const body = await openAsBlob(file);
      const answer = await this.#request(slot, {
        method: 'PUT',
        body,
        signal,
        headers: {
          'content-type': 'application/octet-stream',
          'x-artifact-duration': '0',
          // Servers that insist on signatures drop what comes without; ours is inside.
          'x-artifact-tag': await sha256Of(file),
        },
      });
      this.#sent += body.size;
      await answer.body?.cancel();
      if (!answer.ok) throw refusal(answer);
      return 'stored' as const;
    } finally {
      rmSync(file, { force: true });
    }
  }

  async close(): Promise<void> {
    for (const file of this.#bodies.values()) rmSync(file, { force: true });
    this.#bodies.clear();
  }

  /** Path of the body; undefined when there is none. */
  async #download(slot: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#request(slot, { signal });
    if (answer.status === 404) {
      await answer.body?.cancel();
      return undefined;
    }
    if (!answer.ok || !answer.body) {
      await answer.body?.cancel();
      throw refusal(answer);
    }
    // It was not asked for, and unpacking it would let few bytes become many before they can be counted.
    if (answer.headers.has('content-encoding')) {
      await answer.body.cancel();
      throw new Error('it packs what it sends a second time');
    }
    const path = this.options.aside();
    const file = await open(path, 'wx', 0o600);
    try {
      let size = 0;
      for await (const chunk of answer.body) {
        size += chunk.length;
        this.#received += chunk.length;
        if (size > LARGEST_BODY) throw new Error('what it sent is too large');
        await file.write(chunk);
      }
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return path;
  }

  async #request(slot: string, init: RequestInit): Promise<Response> {
    const { url, token, team } = this.options;
    const address = new URL(`${url.replace(/\/+$/, '')}/v8/artifacts/${slot}`);
    if ('slug' in team) address.searchParams.set('slug', team.slug);
    else address.searchParams.set('teamId', team.id);
    this.#requests++;
    try {
      return await fetch(address, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${token}`, 'accept-encoding': 'identity' },
      });
    } catch (error) {
      const cause = (error as { cause?: { code?: string; message?: string } }).cause;
      throw new Error(`it cannot be reached (${cause?.code ?? cause?.message ?? (error as Error).message})`);
    }
  }
}

function refusal({ status }: Response): Error {
  if (status === 401 || status === 403) return new Error(`it refuses the token (${status})`);
  return new Error(`it answered with status ${status}`);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('base64');
}
