import type { Runtime } from '../../deployment/function-config.ts';
import type { Endpoint } from '../../proxy/connection.ts';
import type { LaunchContext } from '../launch-plans.ts';
import { firstToAccept } from '../probe.ts';
import { type LaunchPlan, StartError } from '../processes.ts';
import { type BindingDoors, openBindingDoors } from './binding-doors.ts';
import { docker } from './docker.ts';
import { type DockerRun, dockerRunOf } from './docker-run.ts';
import { containerVariables, isOfThisMachine } from './variables.ts';

export type ContainerRuntime = Extract<Runtime, { type: 'container' }>;
export type ContainerContext = Pick<
  LaunchContext,
  'folder' | 'env' | 'given' | 'bindings' | 'directory' | 'startTimeout'
>;

/** Milliseconds between two questions for the container's address. */
const INTERVAL = 50;

/**
 * Runs a container in a network of this run. It is told the port to listen on by `PORT`: the lowest that its image exposes,
 * else 3000, so that images which listen on a fixed port work as well, and two of them beside each other.
 *
 * @throws StartError when docker is missing or down, or the image cannot be had.
 */
export async function containerPlan(
  { image, command, memory }: ContainerRuntime,
  context: ContainerContext,
): Promise<LaunchPlan & { readonly port: number }> {
  const env = clientEnvironment(context.env);
  const run = await dockerRunOf(context.folder, env);
  const loaded = await run.image(image, context.directory);
  const doors = await openBindingDoors(context.bindings, run.gateway);
  const name = run.nextName();
  const given = { ...context.given, ...doors.variables };
  const variables = {
    ...containerVariables({ all: context.env, given, ofImage: loaded.variables }),
    PORT: String(loaded.port),
  };
  const args = [
    // Removed by `cleanUp`: with `--rm` docker would tell of its end only after it has removed it, which takes a while.
    ...['run', '--name', name, '--label', `svc.run=${context.folder.run}`],
    // Its output is read as it comes; docker's own copy of it would only grow.
    ...['--network', run.network, '--log-driver', 'none', '--pull', 'never'],
    ...Object.entries(variables).flatMap(([key, value]) => ['--env', byName(key) ? key : `${key}=${value}`]),
    ...(memory === null ? [] : ['--memory', `${memory}m`, '--memory-swap', `${memory}m`]),
    loaded.name,
    ...command,
  ];
  return {
    port: loaded.port,
    file: 'docker',
    args,
    cwd: '/',
    // Values that may be secrets go by the environment: everybody on this machine can read a process's arguments.
    env: { ...env, ...Object.fromEntries(Object.entries(variables).filter(([key]) => byName(key))) },
    ready: signal => listening(name, run, loaded.port, doors, env, signal, context.startTimeout),
    cleanUp: () => {
      doors.close();
      // Docker's client may have been killed, or a container may not have listened to it.
      return run.remove(name);
    },
  };
}

/** What docker's client itself reads must keep this machine's value. */
function byName(name: string): boolean {
  return !isOfThisMachine(name) && name !== 'NO_PROXY' && !/^https?_proxy$/i.test(name);
}

function clientEnvironment(all: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name]) => isOfThisMachine(name) && !/^(?:NODE|SVC)_/.test(name),
  );
  return {
    ...Object.fromEntries(own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    PATH: all.PATH ?? process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  };
}

async function listening(
  name: string,
  run: DockerRun,
  port: number,
  doors: BindingDoors,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  startTimeout: number,
): Promise<Endpoint> {
  const late = new Promise<never>((_, reject) => {
    // A little before everybody else gives up, for here it is known what to say.
    const timer = setTimeout(
      () =>
        reject(
          new StartError(
            `nothing listens on port ${port} of the container after ${startTimeout / 1000} s. It has to listen on the port in the variable PORT, on all addresses (0.0.0.0) rather than on localhost`,
          ),
        ),
      startTimeout * 0.9,
    );
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
  return Promise.race([found(name, run, port, doors, env, signal), late]);
}

async function found(
  name: string,
  run: DockerRun,
  port: number,
  doors: BindingDoors,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Endpoint> {
  const format = `{{with index .NetworkSettings.Networks "${run.network}"}}{{.IPAddress}}{{end}}`;
  while (!signal.aborted) {
    const told = await docker(['inspect', '--format', format, name], env);
    if (told.status === 0 && told.output !== '') {
      doors.admit(told.output);
      return firstToAccept([{ host: told.output, port }], signal);
    }
    await new Promise(resolve => setTimeout(resolve, INTERVAL));
  }
  return new Promise(() => undefined);
}
