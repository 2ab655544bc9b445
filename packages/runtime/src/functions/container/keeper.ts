import { type ChildProcess, spawn } from 'node:child_process';

/**
 * What a run has made in docker carries its mark, and is removed by a process of its own when svc ends without having done
 * so itself: containers belong to docker's daemon and not to svc, so killing processes does not reach them.
 */
export interface Keeper {
  /** Everything has been removed: the keeper ends without doing anything. */
  dismiss(): void;
}

/** Looks three times: docker may still be at work on a container that svc has asked for just before it was killed. */
const SCRIPT = `
trap '' INT TERM HUP QUIT
read -r word
[ "$word" = done ] && exit 0
for round in 1 2 3; do
  docker ps --all --quiet --filter "label=svc.run=$1" | xargs -r docker rm --force
  docker images --format '{{.Repository}}:{{.Tag}}' --filter "reference=$2" | xargs -r docker rmi
  docker network rm "$2"
  sleep 1
done
`;

/**
 * @param run the mark of the run, as the label `svc.run`.
 * @param name of the run's network, and of the repository that its images are tagged in.
 */
export function startKeeper(run: string, name: string, env: NodeJS.ProcessEnv): Keeper {
  const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'svc-keeper', run, name], {
    cwd: '/',
    // In a session of its own, so that what is sent to svc's process group or terminal does not reach it.
    detached: true,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  // The pipe must not keep svc alive either.
  (child.stdin as unknown as { unref?(): void } | null)?.unref?.();
  return { dismiss: () => void child.stdin?.end('done\n') };
}
