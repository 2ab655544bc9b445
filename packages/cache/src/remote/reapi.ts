import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { AcceptBlob, BlobSource, CacheBackend, Traffic } from '../backend.ts';
import { type Digest, type Entry, LARGEST_ENTRY, readableEntry } from '../entry.ts';
import { atOnce } from './at-once.ts';
import { NOT_FOUND, type ReapiAddress, ReapiClient, ReapiError } from './reapi-client.ts';
import type { WireActionResult, WireDigest } from './reapi-messages.ts';
import { treeOf } from './reapi-tree.ts';
import { digestOf, toWire } from './wire-digest.ts';

/** Content in one batch: below the 4 MiB that gRPC servers take by default (bytes). Larger content is streamed. */
const BATCH = 3 * 1024 * 1024;
/** Entries up to this size travel inside the action's result (bytes). */
const INLINE = 512 * 1024;
/** Calls under way at a time, over one connection; also files of a batch that are read at a time. */
const AT_ONCE = 16;
/** Results of up to so many files list them. */
const LISTED = 1000;
/** Digests asked for in one message: a digest takes about 75 bytes of its 4 MiB. */
const ASKED_AT_ONCE = 20_000;

/**
 * A cache of the Remote Execution API v2: results in its ActionCache, content in its ContentAddressableStorage. A result's
 * tree is spelled out in the `ActionResult`, so that servers keep its content as long as itself; the signed entry is
 * what the action "printed".
 */
export class ReapiBackend implements CacheBackend {
  readonly name = 'remote';
  #client: Promise<ReapiClient> | undefined;
  #traffic: ReapiClient | undefined;

  constructor(private readonly address: ReapiAddress) {}

  get traffic(): Traffic {
    const { requests = 0, received = 0, sent = 0 } = this.#traffic ?? {};
    return { requests, bytesReceived: received, bytesSent: sent };
  }

  async find(slots: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const client = await this.#connect();
    const found = new Map<string, Uint8Array>();
    await atOnce(AT_ONCE, slots, async slot => {
      const result = await this.#result(client, slot, signal);
      if (!result) return;
      const { stdoutRaw, stdoutDigest } = result;
      if (stdoutRaw && stdoutRaw.length > 0) found.set(slot, stdoutRaw);
      else if (stdoutDigest) found.set(slot, await readEntry(client, stdoutDigest, signal));
    });
    return found;
  }

  async fetch(_: string, digests: readonly Digest[], accept: AcceptBlob, signal: AbortSignal): Promise<void> {
    const client = await this.#connect();
    const { batches, large } = split(digests);
    await atOnce(AT_ONCE, batches, async batch => {
      const request = { instanceName: client.instance, digests: batch.map(toWire) };
      const messages = ['BatchReadBlobsRequest', 'BatchReadBlobsResponse'] as const;
      const { responses } = await client.call<{
        responses: { digest?: WireDigest; data?: Buffer; status?: { code?: number } }[];
      }>('ContentAddressableStorage', 'BatchReadBlobs', messages, request, signal);
      const byHash = new Map(batch.map(digest => [digest.hash, digest]));
      for (const { digest, data, status } of responses) {
        const wanted = digest && byHash.get(digest.hash);
        if (wanted && !status?.code) await accept(wanted, [data ?? Buffer.alloc(0)]);
      }
    });
    await atOnce(2, large, async digest => {
      await accept(digest, client.read(digest.hash, digest.size, signal));
    });
  }

  async store(slot: string, entry: Uint8Array, blobs: readonly BlobSource[], signal: AbortSignal) {
    const client = await this.#connect();
    if (await this.#result(client, slot, signal)) return 'exists' as const;
    const all = [...blobs, ...actionBlobs(client, slot)];
    const isLong = entry.length > INLINE;
    const printed = { digest: digestOf(entry), content: Buffer.from(entry) };
    if (isLong) all.push(printed);
    const { outputs, blobsOfTree } = outputsOf(client, readableEntry(entry) ?? { files: [], links: [] });
    all.push(...blobsOfTree);
    await this.#upload(client, all, signal);
    const actionResult = {
      ...outputs,
      exitCode: 0,
      ...(isLong ? { stdoutDigest: toWire(printed.digest) } : { stdoutRaw: printed.content }),
    };
    await client.call(
      'ActionCache',
      'UpdateActionResult',
      ['UpdateActionResultRequest', 'ActionResult'],
      { instanceName: client.instance, actionDigest: actionDigest(client, slot), actionResult },
      signal,
    );
    return 'stored' as const;
  }

  async close(): Promise<void> {
    (await this.#client)?.close();
  }

  async #connect(): Promise<ReapiClient> {
    this.#client ??= ReapiClient.connect(this.address);
    this.#traffic = await this.#client;
    return this.#traffic;
  }

  async #result(
    client: ReapiClient,
    slot: string,
    signal: AbortSignal,
  ): Promise<WireActionResult | undefined> {
    const request = {
      instanceName: client.instance,
      actionDigest: actionDigest(client, slot),
      inlineStdout: true,
    };
    const messages = ['GetActionResultRequest', 'ActionResult'] as const;
    try {
      return await client.call<WireActionResult>('ActionCache', 'GetActionResult', messages, request, signal);
    } catch (error) {
      if (error instanceof ReapiError && error.code === NOT_FOUND) return undefined;
      throw error;
    }
  }

  async #upload(client: ReapiClient, blobs: readonly BlobSource[], signal: AbortSignal): Promise<void> {
    const sources = new Map(blobs.map(blob => [blob.digest.hash, blob]));
    const missing = await findMissing(
      client,
      [...sources.values()].map(({ digest }) => digest),
      signal,
    );
    const { batches, large } = split(missing);
    await atOnce(4, batches, async batch => {
      // A batch may hold tens of thousands of small files: more than may be open at a time.
      const requests: { digest: WireDigest; data: Buffer }[] = [];
      await atOnce(AT_ONCE, batch, async digest => {
        requests.push({ digest: toWire(digest), data: await contentOf(sources.get(digest.hash)) });
      });
      const { responses } = await client.call<{
        responses: { status?: { code?: number; message?: string } }[];
      }>(
        'ContentAddressableStorage',
        'BatchUpdateBlobs',
        ['BatchUpdateBlobsRequest', 'BatchUpdateBlobsResponse'],
        { instanceName: client.instance, requests },
        signal,
      );
      const refused = responses.find(({ status }) => status?.code);
      if (refused) throw new Error(`it refused content: ${refused.status?.message}`);
    });
    await atOnce(2, large, async digest => {
      const source = sources.get(digest.hash);
      if (source) await client.write(digest.hash, digest.size, randomUUID(), chunksOf(source), signal);
    });
  }
}

/** Those of the digests that the server does not have. */
async function findMissing(
  client: ReapiClient,
  digests: readonly Digest[],
  signal: AbortSignal,
): Promise<Digest[]> {
  const byHash = new Map(digests.map(digest => [digest.hash, digest]));
  const missing: Digest[] = [];
  for (let at = 0; at < digests.length; at += ASKED_AT_ONCE) {
    const asked = digests.slice(at, at + ASKED_AT_ONCE);
    const { missingBlobDigests } = await client.call<{ missingBlobDigests: WireDigest[] }>(
      'ContentAddressableStorage',
      'FindMissingBlobs',
      ['FindMissingBlobsRequest', 'FindMissingBlobsResponse'],
      { instanceName: client.instance, blobDigests: asked.map(toWire) },
      signal,
    );
    missing.push(...missingBlobDigests.flatMap(({ hash }) => byHash.get(hash) ?? []));
  }
  return missing;
}

/**
 * What a result consists of, for the server: it keeps that as long as the result. One of many files is told as a tree, which is
 * content by itself: the result is one message, and looked up much more often than it is stored.
 */
function outputsOf(client: ReapiClient, { files, links }: Pick<Entry, 'files' | 'links'>) {
  if (files.length + links.length > LISTED) {
    const tree = treeOf({ files, links }, (message, value) => client.encode(message, value));
    const outputDirectories = [{ path: '', treeDigest: toWire(tree.digest) }];
    return { outputs: { outputDirectories }, blobsOfTree: tree.blobs };
  }
  const outputFiles = files.map(({ path, digest, executable }) => ({
    path,
    digest: toWire(digest),
    isExecutable: executable === true,
  }));
  return { outputs: { outputFiles, outputSymlinks: links }, blobsOfTree: [] };
}

/** A long entry. What a server says of its size, and how much it then sends, is bounded: it lands in memory. */
async function readEntry(
  client: ReapiClient,
  { hash, sizeBytes }: WireDigest,
  signal: AbortSignal,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of client.read(hash, sizeBytes, signal)) {
    size += chunk.length;
    if (size > LARGEST_ENTRY) throw new Error('what it sent is too large');
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/** Into batches of small contents, and those that are too large for any. */
function split(digests: readonly Digest[]): { batches: Digest[][]; large: Digest[] } {
  const batches: Digest[][] = [];
  const large: Digest[] = [];
  let room = 0;
  for (const digest of digests) {
    // A digest and its frame take a hundred bytes themselves.
    const needed = digest.size + 128;
    if (needed > BATCH) {
      large.push(digest);
      continue;
    }
    if (needed > room) {
      batches.push([]);
      room = BATCH;
    }
    batches.at(-1)?.push(digest);
    room -= needed;
  }
  return { batches, large };
}

/**
 * The action whose result a slot is: nothing that could be executed, but a valid one, with the slot as its salt. Its digest
 * is the key of the ActionCache.
 */
function action(client: ReapiClient, slot: string): Buffer {
  const command = toWire(digestOf(client.encode('Command', {})));
  const nothing = toWire(digestOf(Buffer.alloc(0)));
  return client.encode('Action', {
    commandDigest: command,
    inputRootDigest: nothing,
    salt: Buffer.from(slot),
  });
}

function actionDigest(client: ReapiClient, slot: string): WireDigest {
  return toWire(digestOf(action(client, slot)));
}

function actionBlobs(client: ReapiClient, slot: string): BlobSource[] {
  const content = action(client, slot);
  return [{ digest: digestOf(content), content }];
}

async function contentOf(source: BlobSource | undefined): Promise<Buffer> {
  if (!source) throw new Error('the server asked for content that was not offered');
  return 'content' in source ? source.content : readFile(source.path);
}

async function* chunksOf(source: BlobSource): AsyncGenerator<Buffer> {
  if ('content' in source) {
    for (let at = 0; at < source.content.length; at += 1 << 20)
      yield source.content.subarray(at, at + (1 << 20));
    return;
  }
  for await (const chunk of createReadStream(source.path, { highWaterMark: 1 << 20 })) yield chunk as Buffer;
}
