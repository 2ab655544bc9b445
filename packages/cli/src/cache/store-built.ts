import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BlobSource,
  type Digest,
  type Entry,
  encodeEntry,
  pruneNowAndThen,
  sha256,
  slotOf,
} from '@svc/cache';
import type { FileEntry } from '@svc/contracts';
import type { FinishedRun } from './finished-run.ts';
import { writeScope } from './scopes.ts';

/** Stores what was built and the deployment as a whole; gives the digest of its manifest where all of it is in the local store. */
export async function storeBuilt(
  run: FinishedRun,
  isSteady: (name: string) => boolean,
): Promise<Digest | null> {
  const { decided, result } = run;
  const { cache } = decided;
  const results = result.services.flatMap(({ name, state, duration }) => {
    const key = decided.keys.services.get(name)?.key;
    return state === 'built' && key !== undefined && isSteady(name)
      ? [entryOf(run, name, key, duration)]
      : [];
  });
  await cache.results.store(results, cache.patience);
  if (!cache.modes.local.write) return null;
  const manifest = await storeManifest(run);
  if (results.length > 0) pruneNowAndThen(cache.store, cache.largest);
  return manifest;
}

/** With it and the services' content, the deployment can be put back without so much as a plan. */
async function storeManifest({ deployment, decided }: FinishedRun): Promise<Digest | null> {
  const { store } = decided.cache;
  const content = readFileSync(join(deployment.directory, 'deployment.json'));
  const digest = { hash: sha256(content).toString('hex'), size: content.length };
  const config = deployment.manifest.files['config.json'];
  if (!config || 'link' in config) return null;
  const files = [
    { path: 'manifest.json', digest },
    { path: 'config.json', digest: { hash: config.sha256, size: config.size } },
  ];
  const entry = {
    key: `deployment ${digest.hash}`,
    scope: writeScope(process.env),
    files,
    links: [],
    duration: 0,
  };
  const blobs = [
    { digest, content },
    { digest: { hash: config.sha256, size: config.size }, path: join(deployment.directory, 'config.json') },
  ];
  const slot = slotOf(entry.scope, entry.key);
  await store.store(slot, encodeEntry(entry, decided.cache.signingKey), blobs);
  return digest;
}

/** A service's result as it lies in the deployment, whose digests are known. */
function entryOf({ build, deployment }: FinishedRun, name: string, key: string, duration: number) {
  const isApp = build.project.kind === 'app';
  const prefix = isApp ? '' : `services/${name}/`;
  const files: Entry['files'][number][] = [];
  const links: Entry['links'][number][] = [];
  const blobs: BlobSource[] = [];
  for (const [path, file] of Object.entries(deployment.manifest.files)) {
    if (!path.startsWith(prefix)) continue;
    if (isApp && path === 'config.json') continue;
    addFile(path.slice(prefix.length), join(deployment.directory, path), file);
  }
  if (isApp) addOwnConfig();
  return { entry: { key, files, links, duration }, blobs };

  /** An app's own configuration is merged into the deployment's; as its builder wrote it, it is in the manifest. */
  function addOwnConfig() {
    const text = deployment.manifest.services[0]?.config;
    if (typeof text !== 'string') throw new Error('the manifest of an app does not hold its configuration');
    const content = Buffer.from(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    const digest = { hash: sha256(content).toString('hex'), size: content.length };
    files.push({ path: 'config.json', digest });
    blobs.push({ digest, content });
  }

  function addFile(path: string, at: string, file: FileEntry) {
    if ('link' in file) {
      links.push({ path, target: file.link });
      return;
    }
    const digest = { hash: file.sha256, size: file.size };
    files.push({ path, digest, ...(file.executable && { executable: true as const }) });
    blobs.push({ digest, path: at });
  }
}
