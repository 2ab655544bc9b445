import { createHash } from 'node:crypto';
import type { Json } from '@svc/contracts';

/** Everything that a service's result follows from, in parts that a person can be told about. */
export interface KeyParts {
  /** Version of svc, and digest of what it was built from. */
  readonly svc: string;
  /** Name and version of the builder. */
  readonly builder: string;
  readonly platform: string;
  /** Digest of each field of the plan and of what the configuration says of the service, by a name that users know. */
  readonly plan: Readonly<Record<string, string>>;
  /** What identifies each program that its steps start, by name. */
  readonly tools: Readonly<Record<string, string>>;
  /** Keyed hash of each variable that its steps receive, by name; never the value. */
  readonly variables: Readonly<Record<string, string>>;
  /** Digest over all files that its steps see. */
  readonly inputs: string;
}

/** The key of a service's result: sha256 in hex. The same parts give the same key on any machine. */
export function fingerprint(parts: KeyParts): string {
  return digestOf('svc service result 1', parts as unknown as Json);
}

/** Sha256 in hex of a JSON value, whatever the order of its members. `domain` keeps the uses of a value apart. */
export function digestOf(domain: string, value: Json): string {
  const text = canonical(value);
  return createHash('sha256')
    .update(`${domain.length}:${domain}${Buffer.byteLength(text)}:${text}`)
    .digest('hex');
}

export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member as Json)}`);
  return `{${members.join(',')}}`;
}
