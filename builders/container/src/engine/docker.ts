import { readFile } from 'node:fs/promises';
import type { ContainerEngine, ImageRequest } from './engine.ts';
import { type ProgramEnd, runProgram } from './program.ts';

type Mode = 'buildx' | 'buildkit' | 'classic';

/** Docker, or why it cannot be used: it is not installed, or its daemon does not answer. */
export async function openDocker(): Promise<
  ContainerEngine | { readonly problem: 'missing' | 'down'; readonly why: string }
> {
  const asked = await runProgram(
    'docker',
    ['version', '--format', '{{.Client.Version}} {{.Server.Version}}'],
    {
      shown: false,
    },
  );
  if (asked.startError?.code === 'ENOENT') return { problem: 'missing', why: 'docker is not installed' };
  if (asked.status !== 0) return { problem: 'down', why: lastLine(asked) };
  const [, client = '', server = ''] = /^(\d\S*) (\d\S*)$/m.exec(asked.output) ?? [];
  const mode = await modeOf(client);
  return dockerEngine(client, server, mode);
}

/**
 * From version 23 on the client builds with the plugin buildx, or, without it, in the old way, which the daemon does by
 * itself and which knows no mounts. Clients before that bring BuildKit's own part with them.
 */
async function modeOf(client: string): Promise<Mode> {
  const buildx = await runProgram('docker', ['buildx', 'version'], { shown: false });
  if (buildx.status === 0) return 'buildx';
  return Number.parseInt(client, 10) < 23 ? 'buildkit' : 'classic';
}

function dockerEngine(client: string, server: string, mode: Mode): ContainerEngine {
  const versions = client === server ? client : `${client} (daemon ${server})`;
  return {
    name: 'docker',
    label: `docker ${versions} ${mode === 'classic' ? 'without BuildKit' : 'with BuildKit'}`,
    modern:
      mode === 'classic'
        ? {
            missing:
              'This docker builds without BuildKit: install its plugin (package docker-buildx or docker-buildx-plugin).',
          }
        : true,
    build: request => build(request, mode),
    save: (image, file) => runProgram('docker', ['image', 'save', '--output', file, image], { shown: false }),
    push,
  };
}

async function build(request: ImageRequest, mode: Mode): Promise<ProgramEnd> {
  const { tag, idFile } = request;
  const before = await imageId(tag);
  const args = [
    ...(mode === 'buildx' ? ['buildx', 'build', '--load', '--provenance=false'] : ['build']),
    ...(mode === 'classic' ? ['--force-rm'] : ['--progress', 'plain']),
    ...['--file', request.dockerfile, '--tag', tag, '--iidfile', idFile],
    ...request.args.flatMap(name => ['--build-arg', name]),
    ...request.secrets.flatMap(name => ['--secret', `id=${name},env=${name}`]),
    ...(request.platform === null ? [] : ['--platform', request.platform]),
    ...(request.runs && !(await hasBridge()) ? ['--network', 'host'] : []),
    request.context,
  ];
  const end = await runProgram('docker', args, {
    env: { ...buildKitSwitch(mode), BUILDKIT_PROGRESS: 'plain' },
  });
  if (end.status !== 0) return end;
  const after = (await readFile(idFile, 'utf8')).trim();
  // Layers that the new image shares with it stay.
  if (before !== null && before !== after)
    await runProgram('docker', ['image', 'rm', before], { shown: false });
  return end;
}

/** Where nobody has said anything, docker builds in the old way by itself, and then tells what to install for the new one. */
function buildKitSwitch(mode: Mode): Record<string, string> {
  if (mode !== 'classic') return { DOCKER_BUILDKIT: '1' };
  return process.env.DOCKER_BUILDKIT === undefined ? {} : { DOCKER_BUILDKIT: '0' };
}

async function imageId(tag: string): Promise<string | null> {
  const end = await runProgram('docker', ['image', 'inspect', '--format', '{{.Id}}', tag], { shown: false });
  return end.status === 0 ? end.output.trim() : null;
}

/** Some daemons run without the default network (`--bridge=none`); commands of a build then use the machine's own. */
async function hasBridge(): Promise<boolean> {
  const end = await runProgram('docker', ['network', 'inspect', 'bridge'], { shown: false });
  return end.status === 0;
}

async function push(archive: string, id: string, reference: string): Promise<ProgramEnd> {
  for (const args of [
    ['image', 'load', '--input', archive],
    ['image', 'tag', id, reference],
  ]) {
    const end = await runProgram('docker', args, { shown: false });
    if (end.status !== 0) return end;
  }
  const pushed = await runProgram('docker', ['image', 'push', reference]);
  await runProgram('docker', ['image', 'rm', reference], { shown: false });
  const digest = /\bdigest: (sha256:[0-9a-f]{64})/.exec(pushed.output)?.[1];
  return pushed.status === 0 && digest !== undefined
    ? { status: 0, output: digest }
    : { ...pushed, status: pushed.status || 1 };
}

function lastLine({ output, startError }: ProgramEnd): string {
  return startError?.message ?? output.trim().split('\n').at(-1) ?? '';
}
