import { failed, ok, type Result } from '@svc/contracts';
import { usage } from '../options.ts';

const DEFAULT_SIZE = 10e9;
const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** How large the cache on this machine may become, in bytes: `SVC_CACHE_SIZE`. */
export function cacheSize(env: Readonly<Record<string, string | undefined>>): Result<number> {
  return env.SVC_CACHE_SIZE ? readSize('SVC_CACHE_SIZE', env.SVC_CACHE_SIZE) : ok(DEFAULT_SIZE);
}

/** `500MB`, `2 GB`, or bytes. */
export function readSize(name: string, text: string): Result<number> {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?$/i.exec(text.trim()) ?? [];
  const known = Object.entries(UNITS).find(([other]) => other.toLowerCase() === unit.toLowerCase());
  if (number !== undefined && known) return ok(Math.floor(Number(number) * known[1]));
  return failed(
    usage('bad-option-value', `${name} takes a size such as 500MB or 10GB, not "${text}"`, 'cache'),
  );
}
