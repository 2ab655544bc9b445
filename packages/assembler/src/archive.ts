import { createHash } from 'node:crypto';
import type { DeploymentManifest, FileEntry } from '@svc/contracts';
import { unsafeEntry } from '@svc/contracts';
import { hashed, openArchive, readEnds } from './archive-file.ts';
import { compareBytes } from './bytes.ts';
import { decompressed } from './compression.ts';
import { parseManifest } from './manifest.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { refuse, shown } from './refusal.ts';
import { headerFor } from './tar-format.ts';
import { type Member, TarReader } from './tar-reader.ts';

/** What an archive may ask of the machine that reads it. */
export interface ArchiveLimits {
  /** Sum of the sizes of all files, in bytes. */
  readonly maxBytes: number;
  /** Number of files and links. */
  readonly maxEntries: number;
  /** Size of `deployment.json`, which is held in memory, in bytes. */
  readonly maxManifestBytes: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = {
  maxBytes: 8 * 1024 ** 3,
  maxEntries: 100_000,
  maxManifestBytes: 32 * 1024 ** 2,
};

/** Where the content of an archive goes while it is read. Nothing is final until reading has ended without a refusal. */
export interface ArchiveSink {
  manifest(manifest: DeploymentManifest, content: Buffer): void;
  /** Called with the chunks of a file; `undefined` ends it. */
  file(path: string, entry: Extract<FileEntry, { sha256: string }>): (chunk: Buffer | undefined) => void;
}

const NOWHERE: ArchiveSink = { manifest() {}, file: () => () => {} };

/**
 * Reads a whole archive and holds it to its own manifest, which comes first: every entry must be declared there, in
 * order, with this size, mode and digest, and in the very bytes that `svc pack` writes. Throws a Refusal that names the
 * first thing that is not as it should be.
 */
export async function readArchive(
  file: string,
  limits: ArchiveLimits,
  sink: ArchiveSink = NOWHERE,
): Promise<DeploymentManifest> {
  const handle = await openArchive(file);
  let chunks: AsyncGenerator<Buffer> | undefined;
  try {
    const { format, end, digest } = await readEnds(handle, file);
    const hash = createHash('sha256');
    chunks = decompressed(hashed(handle, end, hash), format);
    const reader = new TarReader(chunks);
    const manifest = await readMembers(reader, limits, sink);
    if (!hash.digest().equals(digest)) {
      refuse(
        'archive-invalid',
        `${file} was changed: its content is whole, but its bytes are not those that svc pack wrote`,
      );
    }
    return manifest;
  } finally {
    await chunks?.return(undefined);
    await handle.close();
  }
}

async function readMembers(
  reader: TarReader,
  limits: ArchiveLimits,
  sink: ArchiveSink,
): Promise<DeploymentManifest> {
  const { manifest, content, mtime } = await readManifestMember(reader, limits);
  sink.manifest(manifest, content);
  const expected = new Map(Object.entries(manifest.files).sort(([a], [b]) => compareBytes(a, b)));
  const awaited = [...expected.keys()];
  let position = 0;
  for (let member = await reader.next(); member; member = await reader.next()) {
    const entry = expected.get(member.path);
    const due = awaited[position];
    if (entry === undefined) {
      refuse(
        'deployment-differs',
        `${shown(member.path)} was added: it is in the archive, but not in its ${MANIFEST_FILE}`,
      );
    }
    if (due === undefined || compareBytes(member.path, due) < 0) {
      refuse('archive-hostile', `${shown(member.path)} is refused: it is in the archive twice`);
    }
    if (member.path !== due) refuse('deployment-differs', `${shown(due)} is missing from the archive`);
    position++;
    checkMember(member, entry, mtime);
    if ('sha256' in entry) await readBody(reader, member, entry, sink);
    else for await (const _ of reader.body()) throw new Error('a link with a body');
  }
  const missing = awaited[position];
  if (missing !== undefined) refuse('deployment-differs', `${shown(missing)} is missing from the archive`);
  return manifest;
}

async function readManifestMember(reader: TarReader, limits: ArchiveLimits) {
  const member = await reader.next();
  if (member?.path !== MANIFEST_FILE || member.kind !== 'file') {
    refuse(
      'archive-invalid',
      `the archive does not begin with ${MANIFEST_FILE}${member ? `, but with ${shown(member.path)}` : ''}`,
      'Archives of deployments are made by svc pack. Fetch the artifact again, or pack the deployment again.',
    );
  }
  if (member.size > limits.maxManifestBytes) {
    refuse(
      'archive-hostile',
      `${MANIFEST_FILE} is refused: it has ${member.size} bytes; ${limits.maxManifestBytes} are allowed`,
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of reader.body()) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  const parsed = parseManifest(content);
  if ('problem' in parsed)
    refuse('deployment-differs', `${MANIFEST_FILE} in the archive was changed: ${parsed.problem}`);
  const { manifest } = parsed;
  checkHeader(member, { sha256: '', size: content.length }, member.mtime);
  const unsafe = unsafeEntry(manifest.files, MANIFEST_FILE);
  if (unsafe) refuse('archive-hostile', `${shown(unsafe.path)} is refused: ${unsafe.problem}`);
  const entries = Object.values(manifest.files);
  if (entries.length > limits.maxEntries) {
    refuse(
      'archive-hostile',
      `the archive is refused: it declares ${entries.length} entries; ${limits.maxEntries} are allowed`,
    );
  }
  const bytes = entries.reduce((sum, entry) => sum + ('size' in entry ? entry.size : 0), 0);
  if (bytes > limits.maxBytes) {
    refuse(
      'archive-hostile',
      `the archive is refused: it declares ${bytes} bytes; ${limits.maxBytes} are allowed`,
    );
  }
  return { manifest, content, mtime: member.mtime };
}

function checkMember(member: Member, entry: FileEntry, mtime: Date): void {
  const name = shown(member.path);
  if ('link' in entry) {
    if (member.kind !== 'link')
      refuse(
        'deployment-differs',
        `${name} was changed: it is a file and must be a link to ${shown(entry.link)}`,
      );
    if (member.target !== entry.link) {
      refuse(
        'deployment-differs',
        `${name} was changed: it is a link to ${shown(member.target)} and must lead to ${shown(entry.link)}`,
      );
    }
  } else {
    if (member.kind !== 'file')
      refuse('deployment-differs', `${name} was changed: it is a link and must be a file`);
    if (member.size !== entry.size) {
      refuse(
        'deployment-differs',
        `${name} was changed: it has ${member.size} bytes and must have ${entry.size}`,
      );
    }
    const mode = entry.executable ? 0o755 : 0o644;
    if (member.mode !== mode) {
      refuse(
        'deployment-differs',
        `${name} was changed: its mode is ${member.mode.toString(8)} and must be ${mode.toString(8)}`,
      );
    }
  }
  checkHeader(member, entry, mtime);
}

/** Whatever else a header can say (owners, times, names spelt twice) must be as `svc pack` says it. */
function checkHeader(member: Member, entry: FileEntry, mtime: Date): void {
  if (member.header.equals(headerFor(member.path, entry, mtime))) return;
  refuse(
    'archive-invalid',
    `${shown(member.path)} was changed: its header in the archive is not as svc pack writes it`,
  );
}

async function readBody(
  reader: TarReader,
  member: Member,
  entry: Extract<FileEntry, { sha256: string }>,
  sink: ArchiveSink,
): Promise<void> {
  const hash = createHash('sha256');
  const write = sink.file(member.path, entry);
  try {
    for await (const chunk of reader.body()) {
      hash.update(chunk);
      write(chunk);
    }
  } finally {
    write(undefined);
  }
  if (hash.digest('hex') !== entry.sha256)
    refuse('deployment-differs', `${shown(member.path)} was changed: its content differs`);
}
