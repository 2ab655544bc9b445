import type { CacheBackend } from '../backend.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The remote cache that the environment names: `SVC_REMOTE_CACHE_URL` (`http`, `https` for Turborepo's protocol, `grpc`,
 * `grpcs` for the Remote Execution API) with `SVC_REMOTE_CACHE_TOKEN` and `SVC_REMOTE_CACHE_TEAM`, or Turborepo's own
 * `TURBO_API`, `TURBO_TOKEN`, `TURBO_TEAM` or `TURBO_TEAMID`. Null where none is named; a text says what is missing.
 */
export async function remoteFromEnvironment(
  env: Environment,
  aside: () => string,
): Promise<CacheBackend | string | null> {
  const url = env.SVC_REMOTE_CACHE_URL || env.TURBO_API;
  if (!url) return null;
  const token = env.SVC_REMOTE_CACHE_TOKEN || env.TURBO_TOKEN || null;
  if (!/^(https?|grpcs?):\/\/[^/]/.test(url))
    return `the address ${JSON.stringify(url)} begins with none of http://, https://, grpc://, grpcs://`;
  if (url.startsWith('grpc')) {
    const [{ ReapiBackend }, { parseReapiAddress }] = await Promise.all([
      import('./reapi.ts'),
      import('./reapi-client.ts'),
    ]);
    return new ReapiBackend(parseReapiAddress(url, token));
  }
  if (token === null) return 'it needs a token: SVC_REMOTE_CACHE_TOKEN or TURBO_TOKEN';
  const slug = env.SVC_REMOTE_CACHE_TEAM || env.TURBO_TEAM;
  const id = env.TURBO_TEAMID;
  const team = slug ? { slug } : { id: id || 'svc' };
  const { TurborepoBackend } = await import('./turborepo.ts');
  return new TurborepoBackend({ url, token, team, aside });
}
