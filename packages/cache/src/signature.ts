import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { failed, ok, type Result } from '@svc/contracts';

/** Shorter keys can be found by trying (bytes). */
const SHORTEST_KEY = 32;

/** The key that signs results: `SVC_CACHE_KEY`, or the content of the file that `SVC_CACHE_KEY_FILE` names; null without either. */
export function readSigningKey(
  env: Readonly<Record<string, string | undefined>>,
): Result<{ readonly key: Buffer | null }> {
  const file = env.SVC_CACHE_KEY_FILE;
  let text = env.SVC_CACHE_KEY;
  if (!text && file) {
    try {
      text = readFileSync(file, 'utf8').trim();
    } catch (error) {
      return failed({
        code: 'cache-key-invalid',
        message: `the file ${file} that SVC_CACHE_KEY_FILE names cannot be read (${(error as NodeJS.ErrnoException).code})`,
        help: 'Correct the path, or unset SVC_CACHE_KEY_FILE to use the cache without signatures.',
      });
    }
  }
  if (!text) return ok({ key: null });
  const key = Buffer.from(text);
  if (key.length >= SHORTEST_KEY) return ok({ key });
  return failed({
    code: 'cache-key-invalid',
    message: `the key that signs cached results has ${key.length} bytes; it needs at least ${SHORTEST_KEY}`,
    help: 'Make one with `openssl rand -hex 32` and give the same to everyone who is to share results.',
  });
}

/**
 * Signs the parts of a message: HMAC-SHA256 over a domain and the parts, each after its length as 8 bytes, so that no byte
 * can move from one part to the next and no signature of one kind of message is one of another.
 */
export function sign(key: Buffer, domain: string, parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', key);
  for (const part of [domain, ...parts]) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    hmac.update(length).update(bytes);
  }
  return hmac.digest('base64');
}

/** In constant time. Anything that is not exactly the text that `sign` gives is refused. */
export function isSignedBy(
  key: Buffer,
  domain: string,
  parts: readonly (string | Uint8Array)[],
  signature: string,
): boolean {
  const expected = Buffer.from(sign(key, domain, parts));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
