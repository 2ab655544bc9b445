import { join } from 'node:path';
import {
  cacheFolder,
  LocalStore,
  type Place,
  ResultCache,
  readSigningKey,
  remoteFromEnvironment,
} from '@svc/cache';
import { type Emit, ok, type Result } from '@svc/contracts';
import type { CacheModes } from './modes.ts';
import { readScopes, writeScope } from './scopes.ts';
import { cacheSize } from './size.ts';

/** The caches of a run, opened as the options and the environment say. */
export interface OpenedCache {
  readonly results: ResultCache;
  readonly store: LocalStore;
  readonly signingKey: Buffer | null;
  readonly modes: CacheModes;
  /** Keys of results that some place refused to vouch for. */
  readonly rejected: ReadonlySet<string>;
  /** Milliseconds that storing in remote places may take after the build has answered. */
  readonly patience: number;
  /** Bytes that the local store may hold. */
  readonly largest: number;
  /** Of which service a key is the result, for events. */
  readonly names: Map<string, string>;
}

/** Milliseconds that all reading from a remote cache, and then all writing to it, may take in a run. */
const DEFAULT_PATIENCE = 10_000;

export async function openCache(
  projectDirectory: string,
  modes: CacheModes,
  emit: Emit,
): Promise<Result<OpenedCache>> {
  const { env } = process;
  const signing = readSigningKey(env);
  if (!signing.ok) return signing;
  const largest = cacheSize(env);
  if (!largest.ok) return largest;
  const usesLocal = modes.local.read || modes.local.write;
  // Results from elsewhere have to land somewhere even when this run keeps none.
  const store = new LocalStore(usesLocal ? cacheFolder(env) : join(projectDirectory, '.svc', 'landing'));
  const places: Place[] = [{ backend: store, ...modes.local }];
  if (modes.remote.read || modes.remote.write) {
    const backend = await remoteFromEnvironment(env, () => store.aside());
    if (typeof backend === 'string')
      emit({ type: 'cache.rejected', service: null, from: 'remote', reason: backend });
    else if (backend) places.push({ backend, ...modes.remote });
  }
  const names = new Map<string, string>();
  const rejected = new Set<string>();
  const patience = Number(env.SVC_REMOTE_CACHE_TIMEOUT ?? DEFAULT_PATIENCE) || DEFAULT_PATIENCE;
  const results = new ResultCache({
    places,
    store,
    signingKey: signing.value.key,
    scope: writeScope(env),
    readScopes: readScopes(env),
    patience,
    rejected: ({ from, key, reason }) => {
      if (key !== null) rejected.add(key);
      const service = key === null ? null : (names.get(key) ?? null);
      emit({ type: 'cache.rejected', service, from, reason });
    },
  });
  return ok({
    largest: largest.value,
    results,
    store,
    signingKey: signing.value.key,
    modes,
    rejected,
    patience,
    names,
  });
}
