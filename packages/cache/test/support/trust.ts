import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, type LocalStore, type Rejection, ResultCache } from '@svc/cache';
import { afterAll } from 'vitest';

/** A signing key. */
export const KEY = Buffer.from('a key of the tests, of more than thirty-two bytes');
/** A folder for the tests of a file; removed after them. */
export function trustFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'svc-trust-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function digestOf(content: Buffer) {
  return { hash: createHash('sha256').update(content).digest('hex'), size: content.length };
}

export function entryOf(key: string, content: Buffer, scope = 'main'): Entry {
  return {
    key,
    scope,
    files: [{ path: 'static/index.html', digest: digestOf(content) }],
    links: [],
    duration: 1,
  };
}

export function cacheOf(
  store: LocalStore,
  scope: string,
  readScopes: readonly string[],
  rejections: Rejection[] = [],
) {
  return new ResultCache({
    places: [{ backend: store, read: true, write: true }],
    store,
    signingKey: KEY,
    scope,
    readScopes,
    patience: 1000,
    rejected: rejection => rejections.push(rejection),
  });
}

/** What a build in a scope that finds nothing would store. */
export async function storeResult(cache: ResultCache, key: string, content: Buffer): Promise<void> {
  const { scope: _, ...entry } = entryOf(key, content);
  await cache.store([{ entry, blobs: [{ digest: digestOf(content), content }] }], 1000);
}
