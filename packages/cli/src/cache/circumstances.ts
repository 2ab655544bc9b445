import { resolve } from 'node:path';
import { circumstancesText, type LastBuildHeader, seenVariables, variablesKey } from '@svc/cache/warm';
import type { BuildOptions } from '../build/options.ts';
import { svcIdentity } from '../version.ts';
import { readScopes } from './scopes.ts';

/** Everything outside the file system that a build depends on whatever its services are, as one text to compare. */
export function circumstances(options: BuildOptions, target: string): string {
  const { env } = process;
  return circumstancesText({
    svc: svcIdentity(),
    node: process.version,
    program: process.execPath,
    platform: `${process.platform} ${process.arch}`,
    isolation: options.isolation,
    containers: { ...options.containers },
    envFiles: options.envFiles.map(file => resolve(file)),
    target,
    scopes: [...readScopes(env)],
    signed: signingState(env),
    // Where programs and git's settings are found.
    path: env.PATH,
    home: env.HOME,
    configuration: env.XDG_CONFIG_HOME,
    git: [env.GIT_CONFIG_GLOBAL ?? null, env.GIT_CONFIG_SYSTEM ?? null, env.GIT_CONFIG_COUNT ?? null],
    // No secrets, and set so often that hashing them each time would cost more than it hides.
    ...Object.fromEntries(PLAIN_VARIABLES.map(name => [name, env[name]])),
  });
}

/** Variables that count for every service and whose values may be kept as they are. */
export const PLAIN_VARIABLES = ['CI', 'SOURCE_DATE_EPOCH'] as const;

export function currentVariables(
  watched: Pick<LastBuildHeader['variables'], 'names' | 'prefixes' | 'except'>,
  signingKey: Buffer | null,
): (readonly [string, string])[] {
  return seenVariables(process.env, watched, () => variablesKey(process.env, signingKey));
}

/** How results are signed, without the key: whoever turns signing on does not trust what was there before. */
export function signingState(env: Readonly<Record<string, string | undefined>>): string {
  const { SVC_CACHE_KEY: key, SVC_CACHE_KEY_FILE: file } = env;
  return key ? `a key of ${Buffer.byteLength(key)} bytes` : file ? `the key in ${file}` : 'no key';
}
