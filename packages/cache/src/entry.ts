import { type FileEntry, type Json, unsafeEntry } from '@svc/contracts';
import { canonical, digestOf } from './fingerprint.ts';
import { isSignedBy, sign } from './signature.ts';

/** Content by its sha256 (hex) and size in bytes, as the Remote Execution API names it. */
export interface Digest {
  readonly hash: string;
  readonly size: number;
}

/**
 * A stored result: the finished tree of a service, in the shape of the Remote Execution API's `ActionResult`: files by
 * content, links by target. Folders follow from the paths.
 */
export interface Entry {
  /** The service's key (`fingerprint`). */
  readonly key: string;
  /** Who wrote it: branches that may be hostile write under a name of their own. */
  readonly scope: string;
  readonly files: readonly { readonly path: string; readonly digest: Digest; readonly executable?: true }[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Milliseconds that building it took. */
  readonly duration: number;
}

/** Sums over a result beyond which nobody's is one: a guard against bombs. */
const MOST_FILES = 200_000;
const MOST_BYTES = 4 * 1024 ** 3;
/** Largest encoded entry (bytes): that of `MOST_FILES` with paths of 60 characters. It is in memory several times while it is read. */
export const LARGEST_ENTRY = 32 * 1024 * 1024;

const DOMAIN = 'svc cache entry 1';

/** Under which name a backend keeps the entry of a key in a scope: 64 hex digits that tell neither. */
export function slotOf(scope: string, key: string): string {
  return digestOf('svc cache slot 1', [scope, key]);
}

/** An entry as bytes: its body, and with a key the signature over scope, key and body. */
export function encodeEntry(entry: Entry, signingKey: Buffer | null): Buffer {
  const body = canonical(entry as unknown as Json);
  const signature = signingKey ? sign(signingKey, DOMAIN, [entry.scope, entry.key, body]) : null;
  return Buffer.from(`${JSON.stringify({ version: 1, signature })}\n${body}`);
}

/** What was read is `entry`, or may not be used because of `problem`. */
export type Decoded = { readonly entry: Entry } | { readonly problem: string };

/**
 * Reads an entry that anybody may have written. Accepted is only the text that `encodeEntry` writes, for the very scope and
 * key that were asked for, signed where a key is set, and with names and links that can be written on any machine without
 * leaving the tree.
 */
export function decodeEntry(
  bytes: Uint8Array,
  wanted: { readonly scope: string; readonly key: string },
  signingKey: Buffer | null,
): Decoded {
  if (bytes.length > LARGEST_ENTRY) return { problem: 'the entry is too large' };
  const text = strictText(bytes);
  const end = text?.indexOf('\n') ?? -1;
  if (text === undefined || end === -1) return { problem: 'the entry is not one of svc' };
  const envelope = parse(text.slice(0, end));
  const body = text.slice(end + 1);
  if (!isObject(envelope) || envelope.version !== 1 || JSON.stringify(envelope) !== text.slice(0, end))
    return { problem: 'the entry is not one of this version of svc' };
  const { signature } = envelope;
  if (signingKey) {
    if (typeof signature !== 'string') return { problem: 'the entry is not signed' };
    if (!isSignedBy(signingKey, DOMAIN, [wanted.scope, wanted.key, body], signature))
      return { problem: 'the signature of the entry is not that of the key in use' };
  }
  if (namesMore(body, MOST_FILES)) return { problem: `the entry holds more than ${MOST_FILES} files` };
  const value = parse(body);
  if (!isEntry(value) || canonical(value as unknown as Json) !== body)
    return { problem: 'the entry is damaged' };
  if (value.key !== wanted.key || value.scope !== wanted.scope)
    return { problem: 'the entry belongs to another key or scope' };
  const problem = contentProblem(value);
  return problem === undefined ? { entry: value } : { problem };
}

/** The files and links of a tree that is listed as a deployment's manifest does. */
export function treeEntry(listed: Readonly<Record<string, FileEntry>>): Pick<Entry, 'files' | 'links'> {
  const files: Entry['files'][number][] = [];
  const links: Entry['links'][number][] = [];
  for (const [path, file] of Object.entries(listed)) {
    if ('link' in file) links.push({ path, target: file.link });
    else {
      const digest = { hash: file.sha256, size: file.size };
      // Written out, since spreading takes as long as parsing, and a deployment may have tens of thousands.
      files.push(file.executable ? { path, digest, executable: true } : { path, digest });
    }
  }
  return { files, links };
}

/** An entry as it claims to be, not checked: for finding out what a store is made of. */
export function readableEntry(bytes: Uint8Array): Entry | undefined {
  const text = strictText(bytes);
  const value = text === undefined ? undefined : parse(text.slice(text.indexOf('\n') + 1));
  return isEntry(value) ? value : undefined;
}

/** Counted before the text becomes objects, which take ten times as much memory. Every file and link has one of these. */
function namesMore(body: string, most: number): boolean {
  let count = 0;
  for (let at = body.indexOf('"path":'); at !== -1; at = body.indexOf('"path":', at + 7))
    if (++count > most) return true;
  return false;
}

function contentProblem({ files, links }: Entry): string | undefined {
  if (files.reduce((sum, { digest }) => sum + digest.size, 0) > MOST_BYTES)
    return 'the files of the entry are larger than any result';
  const listed: Record<string, FileEntry> = Object.create(null);
  for (const { path, digest } of files) listed[path] = { sha256: digest.hash, size: digest.size };
  for (const { path, target } of links) listed[path] = { link: target };
  if (Object.keys(listed).length !== files.length + links.length) return 'the entry names a path twice';
  const unsafe = unsafeEntry(listed, 'deployment.json');
  return unsafe && `the entry holds ${JSON.stringify(unsafe.path)}, and ${unsafe.problem}`;
}

function isEntry(value: unknown): value is Entry {
  if (!isObject(value)) return false;
  const { key, scope, files, links, duration } = value;
  return (
    Object.keys(value).length === 5 &&
    typeof key === 'string' &&
    typeof scope === 'string' &&
    typeof duration === 'number' &&
    Array.isArray(files) &&
    files.every(isFile) &&
    Array.isArray(links) &&
    links.every(isLink)
  );
}

function isLink(link: unknown): boolean {
  if (!isObject(link) || Object.keys(link).length !== 2) return false;
  return typeof link.path === 'string' && typeof link.target === 'string';
}

/** Members that are not known might mean something to another reader: modes, kinds of device. */
function isFile(file: unknown): boolean {
  if (!isObject(file) || typeof file.path !== 'string') return false;
  if (Object.keys(file).length !== (file.executable === undefined ? 2 : 3)) return false;
  if (file.executable !== undefined && file.executable !== true) return false;
  return isDigest(file.digest);
}

function isDigest(value: unknown): value is Digest {
  if (!isObject(value)) return false;
  const { hash, size } = value;
  return (
    Object.keys(value).length === 2 &&
    typeof hash === 'string' &&
    /^[0-9a-f]{64}$/.test(hash) &&
    typeof size === 'number' &&
    Number.isSafeInteger(size) &&
    size >= 0
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined where the bytes are no UTF-8: replacing what cannot be read would let changes pass. */
function strictText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
