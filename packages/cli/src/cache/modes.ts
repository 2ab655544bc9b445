import { failed, ok, type Result } from '@svc/contracts';
import { usage } from '../options.ts';

export interface CacheMode {
  readonly read: boolean;
  readonly write: boolean;
}

/** What a build may do with the results of earlier ones, by place. */
export interface CacheModes {
  /** Whether what is in the deployment may stay there unbuilt. */
  readonly output: boolean;
  readonly local: CacheMode;
  readonly remote: CacheMode;
}

const NONE: CacheMode = { read: false, write: false };
const BOTH: CacheMode = { read: true, write: true };

/**
 * `--no-cache` neither reads nor writes, `--force` writes only, `--cache=local:r,remote:rw` says it place by place (a place
 * that is not named is left alone), and `SVC_CACHE` is the same for whoever calls without options; `off` there is
 * `--no-cache` but for installs.
 */
export function readCacheModes(values: {
  readonly force?: boolean | undefined;
  readonly 'no-cache'?: boolean | undefined;
  readonly cache?: string | undefined;
}): Result<CacheModes> {
  const words = values.cache ?? process.env.SVC_CACHE;
  if (values['no-cache'] || (values.cache === undefined && words === 'off'))
    return ok({ output: false, local: NONE, remote: NONE });
  const named = words ? placesIn(words) : { local: BOTH, remote: BOTH };
  if (!named) {
    return failed(
      usage(
        'bad-option-value',
        `${values.cache === undefined ? 'SVC_CACHE' : '--cache'} takes places and what may be done there, such as local:rw,remote:r, not "${words}"`,
        'build',
      ),
    );
  }
  if (!values.force) return ok({ output: named.local.read, ...named });
  const writeOnly = ({ write }: CacheMode) => ({ read: false, write });
  return ok({ output: false, local: writeOnly(named.local), remote: writeOnly(named.remote) });
}

function placesIn(words: string): { local: CacheMode; remote: CacheMode } | undefined {
  const places = { local: NONE, remote: NONE };
  for (const word of words.split(',')) {
    const [, place, mode] = /^(local|remote):(r|w|rw|)$/.exec(word.trim()) ?? [];
    if (place !== 'local' && place !== 'remote') return undefined;
    places[place] = { read: mode?.includes('r') === true, write: mode?.includes('w') === true };
  }
  return places;
}
