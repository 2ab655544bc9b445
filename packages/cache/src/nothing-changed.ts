import { readdirSync } from 'node:fs';
import { namesText } from './folder-names.ts';
import { DIGEST_BYTES, type LastBuild, type PathKind, rangeOf } from './last-build.ts';
import { FIELDS, isAsRecorded } from './stats.ts';

/** What this run brings along that is no file. */
export interface Now {
  readonly circumstances: string;
  /** The environment's variables as `LastBuildHeader.variables` has them. */
  variables(of: LastBuild['header']['variables']): readonly (readonly [string, string])[];
  /** Sha256 of a text; loaded only when a folder's time stamps have changed. */
  sha256(text: string): Buffer;
}

/**
 * Proves by file status alone that a build would give what the last one gave: every input, and every folder that could hold
 * a new one, is as it was. Opens no file; a folder whose time has changed is listed once, since programs
 * come and go in folders without leaving anything behind.
 */
export function areInputsUnchanged(last: LastBuild, now: Now): boolean {
  return (
    areSurroundingsUnchanged(last, now) &&
    areUnchanged(last, 'inputs', `${last.header.boundary}/`) &&
    areFoldersUnchanged(last, now)
  );
}

/** The same of everything but the project's own files and folders: options, versions, variables, programs, git's settings. */
export function areSurroundingsUnchanged(last: LastBuild, now: Omit<Now, 'sha256'>): boolean {
  const { header } = last;
  return (
    header.complete &&
    header.circumstances === now.circumstances &&
    areEqual(header.variables.seen, now.variables(header.variables)) &&
    areUnchanged(last, 'watched', '')
  );
}

/** Whether the deployment still consists of the files that the last build put there. */
export function isOutputIntact(last: LastBuild): boolean {
  const base = `${last.header.target}/`;
  return areUnchanged(last, 'files', base) && areUnchanged(last, 'outputFolders', base);
}

function areUnchanged(last: LastBuild, kind: PathKind, base: string): boolean {
  const [start, end] = rangeOf(last.header, kind);
  for (let index = start; index < end; index++) {
    if (!isAsRecorded(last.stats, index * FIELDS, base + last.paths[index])) return false;
  }
  return true;
}

function areFoldersUnchanged(last: LastBuild, now: Now): boolean {
  const [start, end] = rangeOf(last.header, 'folders');
  for (let index = start; index < end; index++) {
    const path = `${last.header.boundary}/${last.paths[index]}`;
    if (isAsRecorded(last.stats, index * FIELDS, path)) continue;
    const names = listing(path);
    if (names === undefined || !now.sha256(names).equals(digestAt(last, index))) return false;
  }
  return true;
}

function listing(path: string): string | undefined {
  try {
    return namesText(readdirSync(path, { withFileTypes: true }));
  } catch {
    // It is gone, or closed to us.
    return undefined;
  }
}

export function digestAt(last: LastBuild, index: number): Buffer {
  return last.digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
}

function areEqual(
  before: readonly (readonly [string, string])[],
  after: readonly (readonly [string, string])[],
): boolean {
  return (
    before.length === after.length &&
    before.every(([name, hash], index) => after[index]?.[0] === name && after[index]?.[1] === hash)
  );
}
