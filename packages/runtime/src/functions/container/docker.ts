import { execFile } from 'node:child_process';
import { StartError } from '../processes.ts';

export interface DockerEnd {
  readonly status: number;
  readonly output: string;
}

/** Runs docker's client to its end. @throws StartError when there is no docker. */
export function docker(args: readonly string[], env: NodeJS.ProcessEnv): Promise<DockerEnd> {
  return new Promise((resolve, reject) => {
    execFile('docker', [...args], { env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error && error.code === 'ENOENT') {
        reject(
          new StartError(
            'containers are run by docker, which is not on this machine (https://docs.docker.com/engine/install/)',
          ),
        );
        return;
      }
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ status, output: status === 0 ? stdout.trim() : `${stderr}${stdout}`.trim() });
    });
  });
}

/** The same for what has to work. @throws StartError with docker's last line. */
export async function dockerOutput(
  what: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const end = await docker(args, env);
  if (end.status === 0) return end.output;
  const why = end.output.split('\n').at(-1) ?? '';
  const help = /Cannot connect to the Docker daemon|daemon running|no such file/.test(why)
    ? '. Start docker (sudo systemctl start docker), or set DOCKER_HOST if it runs elsewhere'
    : '';
  throw new StartError(`${what}: ${why}${help}`);
}
