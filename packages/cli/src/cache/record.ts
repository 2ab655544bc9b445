import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeyParts } from '@svc/cache';

/** What became of one service in a run, and why. */
export interface Decision {
  readonly service: string;
  readonly key: string;
  /** `output`: kept in the deployment; else the cache that it came from; null when it had to be built. */
  readonly from: string | null;
  /** What differs from the last finished build, most telling first. */
  readonly reasons: readonly string[];
}

/** What `svc explain` tells about, and what the next build compares itself with. */
export interface KeyRecord {
  readonly version: 1;
  readonly decisions: readonly Decision[];
  /** What looking results up took, by cache; absent where none was asked over a wire. */
  readonly traffic?: readonly {
    readonly from: string;
    readonly requests: number;
    readonly bytesReceived: number;
  }[];
  /** Of each service's last finished build. */
  readonly parts: Readonly<Record<string, KeyParts>>;
}

export function recordFile(project: string): string {
  return join(project, '.svc', 'keys.json');
}

export function readRecord(project: string): KeyRecord | undefined {
  const file = recordFile(project);
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as KeyRecord;
    return record.version === 1 ? record : undefined;
  } catch (error) {
    // Another version's, or cut short by a full disk: it only explains.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function writeRecord(project: string, record: KeyRecord): void {
  const file = recordFile(project);
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(record), { mode: 0o600 });
  renameSync(aside, file);
}

/** When the record was last written (milliseconds since 1970); undefined when there is none. */
export function timeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
