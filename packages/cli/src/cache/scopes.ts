type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_SCOPE = 'main';

/** Under whose name this run stores results: `SVC_CACHE_SCOPE`. */
export function writeScope(env: Environment): string {
  return env.SVC_CACHE_SCOPE || DEFAULT_SCOPE;
}

/** Whose results this run uses: its own, and those of the scopes that `SVC_CACHE_TRUSTED_SCOPES` lists. */
export function readScopes(env: Environment): readonly string[] {
  const others = (env.SVC_CACHE_TRUSTED_SCOPES ?? '')
    .split(',')
    .map(scope => scope.trim())
    .filter(scope => scope !== '');
  return [...new Set([writeScope(env), ...others])];
}
