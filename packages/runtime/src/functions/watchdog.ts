import { type ChildProcess, spawn } from 'node:child_process';

/** The process that ends all functions when svc itself is killed and cannot. */
export interface Watchdog {
  /** Everything has ended properly: the watchdog ends without doing anything. */
  dismiss(): void;
}

/**
 * @param program absolute path of the bundled `watchdog/main.ts`.
 * @param run the mark that all processes of this run carry.
 * @param folder what else to remove when svc was killed.
 */
export function startWatchdog(program: string, run: string, folder: string): Watchdog {
  // In a session of its own, so that what is sent to svc's process group or terminal does not reach it.
  const child: ChildProcess = spawn(process.execPath, [program, run, folder], {
    cwd: '/',
    detached: true,
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  // The pipe must not keep svc alive either.
  (child.stdin as unknown as { unref?(): void } | null)?.unref?.();
  return { dismiss: () => void child.stdin?.end('done') };
}
