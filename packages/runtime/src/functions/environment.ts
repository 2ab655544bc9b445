/** Variables of svc itself and its secrets, of the shell's position, or of whoever started svc that would mislead a function. */
export const NOT_PASSED: ReadonlySet<string> = new Set([
  'PORT',
  'OLDPWD',
  'PWD',
  '_',
  'SVC_LAUNCH',
  'SVC_VISIBLE',
  'SVC_PASSWORD',
  'NODE_CHANNEL_FD',
  'NODE_UNIQUE_ID',
  'VERCEL_IPC_PATH',
]);

export interface EnvironmentSources {
  /** The environment of svc: people pass secrets to a running deployment by it. */
  readonly caller: Readonly<Record<string, string | undefined>>;
  /** From `--env-file`. */
  readonly declared: Readonly<Record<string, string>>;
  /** From the function's `.vc-config.json`. */
  readonly deployed: Readonly<Record<string, string>>;
  /** The service's own bindings. */
  readonly bindings: Readonly<Record<string, string>>;
}

/**
 * A function's environment. Later ones win: svc's own environment, what the platform sets, env files, what the deployment
 * says, the bindings. What is needed to start it (`PORT`) comes on top.
 */
export function functionEnvironment(sources: EnvironmentSources): Record<string, string> {
  const { caller, declared, deployed, bindings } = sources;
  const inherited = Object.entries(caller).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && !NOT_PASSED.has(entry[0]);
  });
  return {
    ...Object.fromEntries(inherited),
    NODE_ENV: 'production',
    VERCEL: '1',
    VERCEL_ENV: caller.VERCEL_ENV ?? 'production',
    ...declared,
    ...deployed,
    ...bindings,
  };
}

/** Where a variable that a binding sets is set by the user as well; the binding wins. Null when it is not. */
export function conflictOf(
  name: string,
  { caller, declared, deployed }: Omit<EnvironmentSources, 'bindings'>,
): string | null {
  if (name in deployed) return 'the deployment';
  if (name in declared) return 'an env file';
  return caller[name] === undefined ? null : "svc's environment";
}
