import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface LaunchedFunction {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * Runs a Node function as section 5.1 of the services reference says, in a process of its own.
 *
 * @param launcher absolute path of the bundled `launcher.ts`.
 * @param directory absolute path of the `.func` folder.
 * @throws with the process's output when the function does not start.
 */
export async function launch(
  launcher: string,
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<LaunchedFunction> {
  const child = fork(launcher, [directory], {
    cwd: directory,
    execArgv: ['--enable-source-maps'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output: string[] = [];
  child.stdout?.on('data', chunk => output.push(String(chunk)));
  child.stderr?.on('data', chunk => output.push(String(chunk)));
  const exited = once(child, 'close');
  const port = await Promise.race([started(child), exited.then(() => undefined)]);
  if (port === undefined) throw new Error(`the function did not start:\n${output.join('')}`);
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function started(child: ChildProcess): Promise<number> {
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return message.port;
}
