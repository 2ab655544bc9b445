import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where svc keeps what outlives a checkout: `SVC_CACHE_DIR`, else the user's cache folder (XDG Base Directory). */
export function cacheFolder(env: Environment): string {
  if (env.SVC_CACHE_DIR) return resolve(env.SVC_CACHE_DIR);
  const home = env.HOME ?? homedir();
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'svc');
  return process.platform === 'darwin'
    ? resolve(home, 'Library', 'Caches', 'svc')
    : resolve(home, '.cache', 'svc');
}

/** Loaded when there is something to hash: a build with nothing to do often has no variables to compare. */
const crypto = () => process.getBuiltinModule('node:crypto');

const KEY_BYTES = 32;

/**
 * The key under which variables' values are hashed: the team's signing key where there is one, so that its members get the
 * same keys for the same values, else 32 random bytes that this user keeps. Undefined where none can be kept: then no two
 * runs agree on what a variable holds.
 */
export function variablesKey(env: Environment, signingKey: Buffer | null): Buffer | undefined {
  if (signingKey) return crypto().createHmac('sha256', signingKey).update('svc variables 1').digest();
  const folder = cacheFolder(env);
  const file = join(folder, 'key');
  return readKey(file) ?? makeKey(folder, file);
}

function readKey(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    return key.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever links first wins; the others read what is there. */
function makeKey(folder: string, file: string): Buffer | undefined {
  const aside = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, crypto().randomBytes(KEY_BYTES), { mode: 0o600 });
    try {
      linkSync(aside, file);
    } finally {
      rmSync(aside, { force: true });
    }
  } catch {
    // Taken by another process, or not writable: the last line tells which.
  }
  return readKey(file);
}

/** Hashes a value so that nobody without the key can find out what it was, nor try guesses. */
export function keyedHash(key: Buffer, name: string, value: string): string {
  return crypto()
    .createHmac('sha256', key)
    .update(`${Buffer.byteLength(name)}:${name}${value}`)
    .digest('hex')
    .slice(0, 32);
}
