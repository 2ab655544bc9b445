/** Milliseconds between two looks. */
const INTERVAL = 500;

export interface Runner {
  /** Resolves when the package manager that has started svc is gone. Never where svc was started by itself. */
  readonly gone: Promise<void>;
  close(): void;
}

/**
 * Watches over the package manager that runs svc (`npx svc dev`, `npm run dev`). Told to end, it passes the signal on to a shell
 * in between, which ends and tells nobody: svc would go on without anyone who knows of it.
 */
export function watchRunner(env: Readonly<Record<string, string | undefined>>): Runner {
  if (env.npm_execpath === undefined) return { gone: new Promise(() => undefined), close: () => undefined };
  const parent = process.ppid;
  let timer: NodeJS.Timeout | undefined;
  const gone = new Promise<void>(resolve => {
    timer = setInterval(() => {
      if (process.ppid !== parent) resolve();
    }, INTERVAL);
    timer.unref();
  });
  return { gone, close: () => clearInterval(timer) };
}
