import { createHash } from 'node:crypto';
import type { Digest } from '../entry.ts';
import type { WireDigest } from './reapi-messages.ts';

export function digestOf(content: Uint8Array): Digest {
  return { hash: createHash('sha256').update(content).digest('hex'), size: content.length };
}

export function toWire({ hash, size }: Digest): WireDigest {
  return { hash, sizeBytes: size };
}
