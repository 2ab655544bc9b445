import { existsSync, readFileSync } from 'node:fs';
import { failed, never, ok, type Result } from '@svc/contracts';
import { ENGINE_NAMES, type EngineName } from '../input.ts';
import { openBuildah } from './buildah.ts';
import { openDocker } from './docker.ts';
import type { ContainerEngine } from './engine.ts';

type Opened = ContainerEngine | { readonly problem: 'missing' | 'down'; readonly why: string };

export function openEngine(name: EngineName): Promise<Opened> {
  switch (name) {
    case 'docker':
      return openDocker();
    case 'buildah':
      return openBuildah();
    default:
      return never(name);
  }
}

/**
 * The engine that is asked for, or else the first that works: an installed docker whose daemon does not answer is passed
 * over when there is buildah.
 *
 * Failures: `tool-missing` (nothing is installed), `engine-unavailable` (installed, but it does not work).
 */
export async function chooseEngine(wanted: EngineName | null): Promise<Result<ContainerEngine>> {
  const problems: { name: EngineName; problem: 'missing' | 'down'; why: string }[] = [];
  for (const name of wanted === null ? ENGINE_NAMES : [wanted]) {
    const opened = await openEngine(name);
    if (!('problem' in opened)) return ok(opened);
    problems.push({ name, ...opened });
  }
  const down = problems.find(({ problem }) => problem === 'down');
  if (!down) {
    return failed({
      code: 'tool-missing',
      message:
        wanted === null
          ? 'this service is a container image, and neither docker nor buildah is on this machine'
          : `${wanted} is not on this machine, and it is to build this container image`,
      help: `Install docker (https://docs.docker.com/engine/install/) and start it, or buildah, which needs no daemon: on Debian and Ubuntu, apt-get install docker.io or apt-get install buildah.`,
    });
  }
  return failed({
    code: 'engine-unavailable',
    message:
      down.name === 'docker'
        ? `docker is installed, but its daemon does not answer: ${down.why}`
        : `buildah is installed, but it does not work here: ${down.why}`,
    help: [...(down.name === 'docker' ? dockerHelp(down.why) : []), ...strictHelp()].join('\n'),
  });
}

/** How to bring an installed docker to answer. */
export function dockerHelp(why: string): string[] {
  if (/permission denied/i.test(why)) {
    return [
      'Your user may not use the daemon: add it to the group docker (sudo usermod -aG docker $USER) and log in again.',
    ];
  }
  return [
    'Start it (sudo systemctl start docker, or Docker Desktop), or set DOCKER_HOST if it runs elsewhere. Buildah, if it is installed, needs no daemon.',
  ];
}

/** What a step can see of strict isolation, which gives up all ways to more rights. */
function strictHelp(): string[] {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'latin1') : '';
  if (!/^NoNewPrivs:\s*1$/m.test(status)) return [];
  return [
    "Strict isolation hides the sockets of the machine's daemons and takes the rights that buildah needs: build with --isolation auto, or give a daemon by network (DOCKER_HOST=tcp://…).",
  ];
}
