import { afterAll } from 'vitest';
import { type Started, start } from './cli.ts';

export interface Running extends Started {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Stops it as its user would. */
  stop(): Promise<void>;
}

const running: Running[] = [];
afterAll(async () => {
  await Promise.all(running.map(({ stop }) => stop()));
});

/** `svc start` on a port of the system's choice, once it says that it is up. It is stopped after the tests. */
export async function runDeployment(
  cwd: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const program = start(['start', '--port', '0', ...args], { cwd, env });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer) => {
      text += chunk;
      const [, found] = / runs on (http:\/\/\S+)/.exec(text) ?? [];
      if (found) resolve(found);
    };
    program.child.stderr?.on('data', look);
    void program.ended.then(end => reject(new Error(`svc start ended with ${end.code}: ${end.stderr}`)));
  });
  const stop = async () => {
    program.child.kill('SIGTERM');
    await program.ended;
  };
  const started = { ...program, url, stop };
  running.push(started);
  return started;
}
