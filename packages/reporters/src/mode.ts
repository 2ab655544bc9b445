export type ReporterMode = 'live' | 'plain' | 'github' | 'gitlab' | 'azure' | 'json';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which renderer suits the place svc runs in. */
export function chooseMode(place: {
  readonly env: Environment;
  readonly stderrIsTTY: boolean;
  readonly json: boolean;
}): ReporterMode {
  const { env, stderrIsTTY, json } = place;
  if (json) return 'json';
  const logs = logViewer(env);
  if (logs) return logs;
  return stderrIsTTY && env.TERM !== 'dumb' && !isSet(env.CI) ? 'live' : 'plain';
}

/**
 * Whether to use colours: `FORCE_COLOR` and `NO_COLOR` (https://no-color.org) decide, in this order, as in Node itself;
 * else a terminal has them unless it is dumb, and the log viewers of CI systems show them.
 */
export function useColor(env: Environment, isTTY: boolean): boolean {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (isSet(env.NO_COLOR) || env.TERM === 'dumb') return false;
  return isTTY || logViewer(env) !== undefined;
}

/** CI systems whose logs fold; the variables are those that they document. */
function logViewer(env: Environment): 'github' | 'gitlab' | 'azure' | undefined {
  if (isSet(env.GITHUB_ACTIONS)) return 'github';
  if (isSet(env.GITLAB_CI)) return 'gitlab';
  return isSet(env.TF_BUILD) ? 'azure' : undefined;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
