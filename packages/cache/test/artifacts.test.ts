import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { decodeEntry, type Entry, encodeEntry, LocalStore } from '@svc/cache';
import { describe, expect, it } from 'vitest';
import { readArtifactBlobs, readArtifactEntry, writeArtifact } from '../src/remote/artifact.ts';
import { ReapiBackend } from '../src/remote/reapi.ts';
import { loadCodecs } from '../src/remote/reapi-messages.ts';
import { digestOf, entryOf, KEY, trustFolder } from './support/trust.ts';

const folder = trustFolder();
const NEVER = new AbortController().signal;

/** What a reader makes of a body: the entry and the content that it takes, or nothing. */
async function taken(body: string, wanted: Entry, store: LocalStore): Promise<boolean> {
  const bytes = await readArtifactEntry(body, NEVER).catch(() => undefined);
  const decoded = bytes && decodeEntry(bytes, wanted, KEY);
  if (!decoded || 'problem' in decoded) return false;
  expect(decoded.entry).toEqual(wanted);
  const digests = decoded.entry.files.map(({ digest }) => digest);
  await readArtifactBlobs(body, digests, store.accept, NEVER).catch(() => undefined);
  return digests.every(digest => store.has(digest));
}

describe('a result as one body on the wire', () => {
  it('of 10 kB: whichever byte is another, it is refused or means what it meant', async () => {
    const content = randomBytes(9940);
    const entry = entryOf('key', content);
    const store = new LocalStore(mkdtempSync(join(folder, 'store-')));
    const body = join(folder, 'body');
    await writeArtifact(body, encodeEntry(entry, KEY), [{ digest: digestOf(content), content }], NEVER);
    const bytes = readFileSync(body);
    expect(bytes.length).toBeGreaterThanOrEqual(10_240);
    expect(await taken(body, entry, store)).toBe(true);
    store.forget(digestOf(content));
    let accepted = 0;
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 + (at % 255));
      writeFileSync(body, changed);
      if (!(await taken(body, entry, store))) continue;
      accepted++;
      // It is what it was: the byte said when, or on what system, the body was packed (RFC 1952).
      expect(store.read(digestOf(content))?.equals(content)).toBe(true);
      store.forget(digestOf(content));
    }
    console.log(
      `${bytes.length} bytes changed one by one: ${accepted} bodies still meant the same, none another`,
    );
    expect(accepted).toBeLessThan(20);
  });
});

describe('a server of the Remote Execution API that sends without end', () => {
  it('is told of, and does not fill the memory', async () => {
    const codec = await loadCodecs();
    const unary = (path: string, request: string, response: string) => ({
      path,
      requestStream: false,
      requestSerialize: (value: object) => codec(request).encode(value),
      requestDeserialize: (bytes: Buffer) => codec(request).decode(bytes),
      responseSerialize: (value: object) => codec(response).encode(value),
      responseDeserialize: (bytes: Buffer) => codec(response).decode(bytes),
    });
    const results = 'build.bazel.remote.execution.v2.ActionCache';
    const server = new Server();
    let sent = 0;
    server.addService(
      {
        get: {
          ...unary(`/${results}/GetActionResult`, 'GetActionResultRequest', 'ActionResult'),
          responseStream: false,
        },
        read: {
          ...unary('/google.bytestream.ByteStream/Read', 'ReadRequest', 'ReadResponse'),
          responseStream: true,
        },
      },
      {
        get: (_: unknown, answer: (error: null, value: object) => void) =>
          answer(null, { exitCode: 0, stdoutDigest: { hash: 'a'.repeat(64), sizeBytes: 1000 } }),
        read: (call: ServerWritableStream<object, object>) => {
          const data = Buffer.alloc(1024 * 1024);
          const more = () => {
            do sent += data.length;
            while (!call.cancelled && call.write({ data }));
            if (!call.cancelled) call.once('drain', more);
          };
          more();
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    const address = { target: `127.0.0.1:${port}`, isSecure: false, instance: '', token: null };
    const backend = new ReapiBackend(address);
    try {
      await expect(backend.find(['a'.repeat(64)], NEVER)).rejects.toThrow('too large');
      expect(backend.traffic.bytesReceived).toBeLessThan(80 * 1024 * 1024);
      expect(sent).toBeLessThan(200 * 1024 * 1024);
    } finally {
      await backend.close();
      server.forceShutdown();
    }
  });
});
