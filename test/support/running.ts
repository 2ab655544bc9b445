import { afterAll } from 'vitest';
import { type Started, start } from './cli.ts';

export interface Running extends Started {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** What it has said so far. */
  log(): string;
  /** Stops it as its user would. */
  stop(): Promise<void>;
}

const running: Pick<Running, 'stop'>[] = [];
afterAll(async () => {
  await Promise.all(running.splice(0).map(({ stop }) => stop()));
});

/**
 * `svc start` on a port of the system's choice, once it says that it is up. It is stopped after the file's tests.
 *
 * @param directory a deployment, or a project with one; svc is called in it unless `cwd` says otherwise.
 */
export async function startDeployment(
  directory: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  cwd: string = directory,
): Promise<Running> {
  const program = start(['start', directory, '--port', '0', ...args], { cwd, env });
  const stop = async () => {
    program.child.kill('SIGTERM');
    await program.ended;
  };
  running.push({ stop });
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      text += chunk;
      const [, found] = /runs on (http:\/\/[^\s"]+)/.exec(text) ?? [];
      if (found) resolve(found);
    };
    program.child.stdout?.on('data', look);
    program.child.stderr?.on('data', look);
    void program.ended.then(end => reject(new Error(`svc start ended with ${end.code}: ${end.stderr}`)));
  });
  return { ...program, url, log: () => text, stop };
}
