import { join } from 'node:path';
import type { RunFolder } from '../run-folder.ts';
import { docker, dockerOutput } from './docker.ts';
import { startKeeper } from './keeper.ts';

/** Where the image of a container comes from. */
export type ImageSource =
  /** Path of an archive in the function's folder. */
  | { readonly archive: string }
  /** Name and digest in a registry. */
  | { readonly reference: string };

export interface LoadedImage {
  /** By which docker knows it. */
  readonly name: string;
  /** Names of the variables that it sets itself. */
  readonly variables: ReadonlySet<string>;
  /** The lowest exposed TCP port, else 3000 (section 5.1 of the services reference). */
  readonly port: number;
}

/** What one run of a deployment shares in docker: a network of its own, and the images that it has loaded. */
export interface DockerRun {
  /** Of the network, which no container of another run is in. */
  readonly network: string;
  /** This machine's address in that network. */
  readonly gateway: string;
  /** @throws StartError */
  image(source: ImageSource, directory: string): Promise<LoadedImage>;
  /** Removes a container, whatever it is doing. The end of the run waits for it. Never rejects. */
  remove(container: string): Promise<void>;
  /** A name that no container has. */
  nextName(): string;
}

const runs = new WeakMap<RunFolder, Promise<DockerRun>>();

/** Prepares docker for a run when its first container starts. @throws StartError when docker is missing or down. */
export function dockerRunOf(folder: RunFolder, env: NodeJS.ProcessEnv): Promise<DockerRun> {
  let run = runs.get(folder);
  if (!run) {
    run = open(folder, env);
    runs.set(folder, run);
    // Docker may be started meanwhile: the next attempt asks again.
    run.catch(() => runs.delete(folder));
  }
  return run;
}

async function open(folder: RunFolder, env: NodeJS.ProcessEnv): Promise<DockerRun> {
  await dockerOutput('docker does not answer', ['version', '--format', '{{.Server.Version}}'], env);
  const network = `svc-${folder.run.slice(0, 12)}`;
  const keeper = startKeeper(folder.run, network, env);
  const images = new Map<string, Promise<LoadedImage>>();
  const removals = new Set<Promise<unknown>>();
  folder.onClose(async () => {
    await Promise.all(removals);
    // By its tags: other runs may have the same image under theirs.
    const tags = await docker(
      ['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=${network}`],
      env,
    );
    for (const tag of tags.output.split('\n')) if (tag !== '') await docker(['rmi', tag], env);
    await docker(['network', 'rm', network], env);
    keeper.dismiss();
  });
  await dockerOutput(
    'docker cannot make a network',
    ['network', 'create', '--label', `svc.run=${folder.run}`, network],
    env,
  );
  const gateway = await dockerOutput(
    'docker does not know its network',
    ['network', 'inspect', '--format', '{{(index .IPAM.Config 0).Gateway}}', network],
    env,
  );
  let containers = 0;
  return {
    network,
    gateway,
    remove(container) {
      const removal: Promise<void> = docker(['rm', '--force', '--volumes', container], env)
        // Without docker there is nothing to remove.
        .then(
          () => undefined,
          () => undefined,
        )
        .finally(() => removals.delete(removal));
      removals.add(removal);
      return removal;
    },
    nextName: () => `${network}-${++containers}`,
    image(source, directory) {
      const key = JSON.stringify([source, directory]);
      let image = images.get(key);
      if (!image) {
        image = load(source, directory, `${network}:${images.size + 1}`, env);
        images.set(key, image);
        image.catch(() => images.delete(key));
      }
      return image;
    },
  };
}

/** Images of archives get a tag of this run, so that removing them takes nothing from anybody else. */
async function load(
  source: ImageSource,
  directory: string,
  tag: string,
  env: NodeJS.ProcessEnv,
): Promise<LoadedImage> {
  if ('reference' in source) {
    const { reference } = source;
    const isThere = (await docker(['image', 'inspect', '--format', '{{.Id}}', reference], env)).status === 0;
    if (!isThere)
      await dockerOutput(`the image ${reference} cannot be pulled`, ['pull', '--quiet', reference], env);
    return inspect(reference, env);
  }
  const file = join(directory, source.archive);
  const told = await dockerOutput('docker cannot load the image', ['load', '--quiet', '--input', file], env);
  const loaded = /Loaded image(?: ID)?: (\S+)/.exec(told)?.[1] ?? '';
  await dockerOutput('docker cannot name the image', ['tag', loaded, tag], env);
  return inspect(tag, env);
}

async function inspect(name: string, env: NodeJS.ProcessEnv): Promise<LoadedImage> {
  const text = await dockerOutput(
    'docker does not know the image',
    ['image', 'inspect', '--format', '{{json .Config}}', name],
    env,
  );
  const config = JSON.parse(text) as {
    Env?: string[] | null;
    ExposedPorts?: Record<string, unknown> | null;
  };
  const ports = Object.keys(config.ExposedPorts ?? {})
    .filter(each => each.endsWith('/tcp'))
    .map(each => Number.parseInt(each, 10));
  return {
    name,
    variables: new Set((config.Env ?? []).map(each => each.split('=')[0] ?? '')),
    port: ports.length === 0 ? 3000 : Math.min(...ports),
  };
}
