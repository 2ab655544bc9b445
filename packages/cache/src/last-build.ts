import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json, Notice, RouteLine } from '@svc/contracts';
import { FIELDS, type StatTable, statTable } from './stats.ts';

/** Bytes of a sha256. */
export const DIGEST_BYTES = 32;

/** What the paths of a record are, in the order in which they are stored. */
export const KINDS = ['inputs', 'folders', 'watched', 'files', 'outputFolders'] as const;
export type PathKind = (typeof KINDS)[number];

/**
 * What the last finished build of a project was made from and what it left, so that the next one can tell by file status
 * alone whether there is anything to do. Nothing in it says what a file or a variable holds.
 */
export interface LastBuildHeader {
  readonly version: 1;
  /** Everything outside the file system that the build depended on, as one text: options, versions, settings. */
  readonly circumstances: string;
  /** Variables whose values are compared by keyed hash: which, and what they were. */
  readonly variables: WatchedVariables;
  /** Absolute paths. */
  readonly boundary: string;
  readonly target: string;
  /** Whether the deployment is what these inputs give; when not, a build has to look closer. */
  readonly complete: boolean;
  readonly deployment: string;
  /** The manifest of the deployment, where the local store holds it and all that it names. */
  readonly manifest: { readonly hash: string; readonly size: number } | null;
  /** Sha256 in hex of the file that holds the plan which this build followed; null where there is none to be used again. */
  readonly plan: string | null;
  readonly scope: string;
  readonly services: readonly DeployedResult[];
  readonly routes: readonly RouteLine[];
  readonly notices: readonly Notice[];
  readonly unpromised: readonly string[];
  readonly counts: Readonly<Record<PathKind, number>>;
}

export interface WatchedVariables {
  readonly names: readonly string[];
  readonly prefixes: readonly string[];
  /** Names that begin so but are set anew by whoever calls. */
  readonly except: readonly string[];
  /** Name and keyed hash, sorted by name. */
  readonly seen: readonly (readonly [string, string])[];
}

/** What lies in the deployment for a service. */
export interface DeployedResult {
  readonly name: string;
  /** Null when it is not known what it was built from. */
  readonly key: string | null;
  readonly size: number;
}

/** A last build as it is read: `paths`, `stats` and `digests` run in parallel. */
export interface LastBuild {
  readonly header: LastBuildHeader;
  /** Inputs and folders relative to the boundary, watched paths absolute, files and folders of the output relative to it. */
  readonly paths: readonly string[];
  readonly stats: StatTable;
  /**
   * One of 32 bytes for each input (of its content) and folder (of the names in it); the others have none.
   */
  readonly digests: Buffer;
}

const MAGIC = 'svc last build 2\n';

/**
 * Layout: the magic line; three lengths in bytes as 32-bit numbers (header, paths, digests); padding to a multiple of 8;
 * the numbers; the header as JSON; the paths, a NUL after each; the digests. The numbers come first to be aligned.
 */
export function writeLastBuild(file: string, build: LastBuild): void {
  const header = Buffer.from(JSON.stringify(build.header));
  const paths = Buffer.from(build.paths.join('\0'));
  const start = Buffer.alloc(START);
  start.write(MAGIC, 'latin1');
  for (const [index, part] of [header, paths, build.digests].entries())
    start.writeUInt32LE(part.length, LENGTHS + 4 * index);
  const { buffer, byteOffset, byteLength } = build.stats;
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  const descriptor = openSync(aside, 'w', 0o600);
  try {
    for (const part of [start, Buffer.from(buffer, byteOffset, byteLength), header, paths, build.digests])
      for (let at = 0; at < part.length; ) at += writeSync(descriptor, part, at);
  } finally {
    closeSync(descriptor);
  }
  renameSync(aside, file);
}

const LENGTHS = 20;
const START = 32;

/** Undefined when there is none, or none that this version can read: then a build simply looks at everything. */
export function readLastBuild(file: string): LastBuild | undefined {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return undefined;
  }
  if (content.length < START || content.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const [header = 0, paths = 0, digests = 0] = [0, 4, 8].map(at => content.readUInt32LE(LENGTHS + at));
  const numbers = content.length - START - header - paths - digests;
  if (numbers < 0 || numbers % (8 * FIELDS) !== 0) return undefined;
  // A copy, because what was read need not be aligned.
  const stats = statTable(numbers / (8 * FIELDS));
  content.copy(Buffer.from(stats.buffer), 0, START, START + numbers);
  const afterNumbers = START + numbers;
  const text = content.toString('utf8', afterNumbers + header, afterNumbers + header + paths);
  try {
    return {
      header: JSON.parse(content.toString('utf8', afterNumbers, afterNumbers + header)) as LastBuildHeader,
      paths: text === '' ? [] : text.split('\0'),
      stats,
      digests: content.subarray(afterNumbers + header + paths),
    };
  } catch {
    return undefined;
  }
}

export function forgetLastBuild(file: string): void {
  rmSync(file, { force: true });
}

/** Where the paths of a kind begin and end. */
export function rangeOf(header: LastBuildHeader, kind: PathKind): readonly [number, number] {
  let start = 0;
  for (const other of KINDS) {
    const end = start + header.counts[other];
    if (other === kind) return [start, end];
    start = end;
  }
  return [start, start];
}

/** One text for what must be equal; the order of members is that of the writer. */
export function circumstancesText(value: Readonly<Record<string, Json | undefined>>): string {
  return JSON.stringify(value);
}
