import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failed, ok, type Result } from '@svc/contracts';
import { isObject, parseJson } from './json.ts';
import { isRunning, newOwner, type Owner, touchedLately, UNSEEN_GRACE } from './owner.ts';
import { isErrno, writing } from './writing.ts';

export interface OutputLock {
  /** Gives the output free. Synchronous, so that a signal handler may call it; calling it again does nothing. */
  release(): void;
}

/**
 * Claims an output directory for this process, by the file `<target>.lock` beside it. `output-in-use` names the process
 * that holds it; the lock of a process that has died is taken over.
 */
export async function lockOutput(target: string): Promise<Result<OutputLock>> {
  const path = `${target}.lock`;
  return writing(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const claim = claimFile(path);
    if ('heldBy' in claim) return failed(inUse(target, path, claim.heldBy));
    // Processes that cannot see this one (another container on the same checkout) judge it by the time of its lock.
    const pulse = setInterval(() => touch(path, claim.owner), UNSEEN_GRACE / 10).unref();
    return ok({
      release() {
        clearInterval(pulse);
        releaseFile(path, claim.owner);
      },
    });
  });
}

/** The same for those who are done before anything else of their process runs; undefined when another process has it. */
export function lockOutputNow(target: string): OutputLock | undefined {
  const path = `${target}.lock`;
  mkdirSync(dirname(path), { recursive: true });
  const claim = claimFile(path);
  return 'heldBy' in claim ? undefined : { release: () => releaseFile(path, claim.owner) };
}

type Claim = { readonly owner: Owner } | { readonly heldBy: Owner | undefined };

/**
 * Creates the lock file, or replaces that of a dead owner. Two processes may find the same dead lock at once, so
 * replacing it is itself done under a lock, named after the dead one's nonce, and only if it is still in place then.
 */
function claimFile(path: string): Claim {
  for (;;) {
    const owner = newOwner();
    if (create(path, owner)) return { owner };
    const found = readOwner(path);
    if (found === 'gone') continue;
    if (found === 'unreadable' ? touchedLately(path) : isRunning(found, path)) {
      return { heldBy: found === 'unreadable' ? undefined : found };
    }
    const generation = nonceOf(found);
    const right = claimFile(`${path}.${generation}`);
    if ('heldBy' in right) return right;
    try {
      if (nonceOf(readOwner(path)) !== generation) continue;
      const fresh = `${path}.${owner.nonce}.new`;
      create(fresh, owner);
      renameSync(fresh, path);
      return { owner };
    } finally {
      releaseFile(`${path}.${generation}`, right.owner);
    }
  }
}

function create(path: string, owner: Owner): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', 0o644);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
  try {
    writeSync(descriptor, `${JSON.stringify(owner)}\n`);
  } finally {
    closeSync(descriptor);
  }
  return true;
}

/** `unreadable` while its owner is just about to write it, or when it was killed at that moment. */
function readOwner(path: string): Owner | 'gone' | 'unreadable' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 'gone';
    throw error;
  }
  const value = parseJson(text);
  if (!isObject(value) || typeof value.pid !== 'number' || typeof value.nonce !== 'string')
    return 'unreadable';
  const { pid, nonce } = value;
  return { pid, nonce, started: `${value.started}`, boot: `${value.boot}`, space: `${value.space}` };
}

function nonceOf(found: Owner | 'gone' | 'unreadable'): string {
  return typeof found === 'string' ? found : found.nonce;
}

function releaseFile(path: string, owner: Owner): void {
  if (nonceOf(readOwner(path)) !== owner.nonce) return;
  // Node has to load `rmSync`, which takes half a millisecond.
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

function touch(path: string, owner: Owner): void {
  if (nonceOf(readOwner(path)) !== owner.nonce) return;
  const now = new Date();
  utimesSync(path, now, now);
}

function inUse(target: string, path: string, holder: Owner | undefined) {
  const who = holder ? `process ${holder.pid}` : 'another process';
  return {
    code: 'output-in-use' as const,
    message: `${target} is being written by ${who}, probably another svc build`,
    help: `Wait for it to end, or build into another folder with --output. If that process is not an svc build, delete ${path}.`,
  };
}
