import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create, extract } from 'tar';
import { copiedLayers, type ImageConfig, steadyConfig } from './image-config.ts';
import { LimitTimes } from './layer-times.ts';

export interface ImageArchive {
  /** `sha256:` digest of the manifest: what registries and references call the image's digest. */
  readonly digest: string;
  /** `sha256:` digest of the configuration: what engines call the image's id. */
  readonly id: string;
  readonly config: ImageConfig;
}

export interface ArchiveRequest {
  /** An archive of `docker save`. */
  readonly from: string;
  /** Where the archive goes. */
  readonly to: string;
  /** An empty folder for what lies in between, on a disk with room for the image. */
  readonly work: string;
  /** How many of the last entries of the image's history are the Dockerfile's. */
  readonly own: number;
  /** Seconds since 1970: no file that the build has copied is newer. */
  readonly epoch: number;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/**
 * Makes of an engine's archive one that every engine reads: an OCI layout (`index.json`) that holds docker's `manifest.json`
 * as well. The same image gives the same bytes on every machine. Layers are not compressed: compressors differ from
 * version to version, and the deployment is compressed as a whole where it is packed.
 */
export async function writeImageArchive(request: ArchiveRequest): Promise<ImageArchive> {
  const saved = join(request.work, 'saved');
  const layout = join(request.work, 'layout');
  await mkdir(saved, { recursive: true });
  await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
  await extract({ file: request.from, cwd: saved, preserveOwner: false });
  await rm(request.from);
  const [image] = JSON.parse(await readFile(join(saved, 'manifest.json'), 'utf8')) as SavedManifest[];
  if (!image) throw new Error('the engine has saved no image');
  const config = JSON.parse(await readFile(join(saved, image.Config), 'utf8')) as ImageConfig;
  const copied = copiedLayers(config, request.own);
  const layers: Blob[] = [];
  for (const [index, path] of image.Layers.entries()) {
    layers.push(
      await addLayer(await inside(saved, path), layout, copied[index] === true ? request.epoch : null),
    );
  }
  const time = new Date(request.epoch * 1000).toISOString().replace('.000Z', 'Z');
  const steady = steadyConfig(
    config,
    layers.map(({ digest }) => digest),
    request.own,
    time,
  );
  const configBlob = await addText(layout, JSON.stringify(steady));
  const manifest = await addText(layout, manifestText(configBlob, layers));
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(layout, 'index.json'), indexText(manifest));
  await writeFile(join(layout, 'manifest.json'), dockerManifestText(configBlob, layers));
  await rm(saved, { recursive: true });
  const names = [
    'oci-layout',
    'index.json',
    'manifest.json',
    ...blobNames([configBlob, manifest, ...layers]),
  ];
  await create(
    { file: request.to, cwd: layout, portable: true, mtime: new Date(request.epoch * 1000) },
    names,
  );
  await rm(layout, { recursive: true });
  return { digest: manifest.digest, id: configBlob.digest, config: steady };
}

interface SavedManifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

/** Engines write links between equal layers; none leads out of the archive. */
async function inside(folder: string, path: string): Promise<string> {
  const file = await realpath(join(folder, path));
  if (!file.startsWith((await realpath(folder)) + sep))
    throw new Error(`the layer ${path} leaves its archive`);
  return file;
}

async function addLayer(file: string, layout: string, epoch: number | null): Promise<Blob> {
  const hash = createHash('sha256');
  const target = join(layout, 'layer');
  await pipeline(
    createReadStream(file),
    epoch === null ? new PassThrough() : new LimitTimes(epoch),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(target),
  );
  const digest = hash.digest('hex');
  const { size } = await stat(target);
  await rename(target, join(layout, 'blobs', 'sha256', digest));
  return { digest: `sha256:${digest}`, size };
}

async function addText(layout: string, text: string): Promise<Blob> {
  const digest = createHash('sha256').update(text).digest('hex');
  await writeFile(join(layout, 'blobs', 'sha256', digest), text);
  return { digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
}

function blobNames(blobs: readonly Blob[]): string[] {
  return [...new Set(blobs.map(blobPath))].sort();
}

function blobPath({ digest }: Blob): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

const OCI = 'application/vnd.oci.image';

function manifestText(config: Blob, layers: readonly Blob[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, ...config },
    layers: layers.map(layer => ({ mediaType: `${OCI}.layer.v1.tar`, ...layer })),
  });
}

function indexText(manifest: Blob): string {
  const entry = { mediaType: `${OCI}.manifest.v1+json`, ...manifest };
  return JSON.stringify({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests: [entry] });
}

/** For engines that load nothing else. */
function dockerManifestText(config: Blob, layers: readonly Blob[]): string {
  return JSON.stringify([{ Config: blobPath(config), RepoTags: null, Layers: layers.map(blobPath) }]);
}
