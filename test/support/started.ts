import { afterAll } from 'vitest';
import { type Started, start } from './cli.ts';

const started: Started[] = [];
afterAll(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.splice(0).map(({ ended }) => ended));
});

/** Starts a deployment on a port of the system's choice, until the file's tests are over. @returns where it runs. */
export async function startDeployment(
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const program = start(['start', directory, '--port', '0'], { cwd: directory, env });
  started.push(program);
  return new Promise<string>((resolve, reject) => {
    let text = '';
    const look = (chunk: Buffer) => {
      text += chunk;
      const [, found] = /runs on (http:\/\/[^\s"]+)/.exec(text) ?? [];
      if (found) resolve(found);
    };
    program.child.stdout?.on('data', look);
    program.child.stderr?.on('data', look);
    void program.ended.then(end => reject(new Error(`svc start ended with ${end.code}: ${end.stderr}`)));
  });
}
