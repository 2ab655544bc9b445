import { readFile } from 'node:fs/promises';
import type { ContainerEngine, ImageRequest } from './engine.ts';
import { type ProgramEnd, runProgram } from './program.ts';

/** Buildah, which needs no daemon, or why it cannot be used. */
export async function openBuildah(): Promise<
  ContainerEngine | { readonly problem: 'missing' | 'down'; readonly why: string }
> {
  const asked = await runProgram('buildah', ['info', '--format', '{{.store.GraphRoot}}'], { shown: false });
  if (asked.startError?.code === 'ENOENT') return { problem: 'missing', why: 'buildah is not installed' };
  if (asked.status !== 0)
    return {
      problem: 'down',
      why: asked.startError?.message ?? asked.output.trim().split('\n').at(-1) ?? '',
    };
  const told = await runProgram('buildah', ['--version'], { shown: false });
  const version = /\d+\.\d\S*/.exec(told.output)?.[0] ?? '';
  return {
    name: 'buildah',
    label: `buildah ${version}`.trim(),
    modern: true,
    build,
    // Of the formats that it writes, this is the one that docker writes too.
    save: (image, file) =>
      runProgram('buildah', ['push', '--quiet', image, `docker-archive:${file}`], { shown: false }),
    push,
  };
}

async function build(request: ImageRequest): Promise<ProgramEnd> {
  const { tag, idFile } = request;
  const before = await imageId(tag);
  const args = [
    ...['build', '--layers', '--force-rm', '--identity-label=false'],
    // Commands run in a changed root: that works inside a step, where there is no runtime for containers of its own.
    ...['--isolation', 'chroot', '--retry', '1'],
    ...['--file', request.dockerfile, '--tag', tag, '--iidfile', idFile],
    ...request.args.flatMap(name => ['--build-arg', name]),
    ...request.secrets.flatMap(name => ['--secret', `id=${name},env=${name}`]),
    ...(request.platform === null ? [] : ['--platform', request.platform]),
    request.context,
  ];
  const end = await runProgram('buildah', args);
  if (end.status !== 0) return end;
  const after = (await readFile(idFile, 'utf8')).trim();
  if (before !== null && !after.includes(before))
    await runProgram('buildah', ['rmi', '--force', before], { shown: false });
  return end;
}

async function imageId(tag: string): Promise<string | null> {
  const end = await runProgram('buildah', ['images', '--quiet', '--no-trunc', tag], { shown: false });
  const id = end.output.trim().split('\n')[0] ?? '';
  return end.status === 0 && id !== '' ? id.replace(/^sha256:/, '') : null;
}

async function push(archive: string, _id: string, reference: string): Promise<ProgramEnd> {
  const pulled = await runProgram('buildah', ['pull', '--quiet', `oci-archive:${archive}`], { shown: false });
  if (pulled.status !== 0) return pulled;
  const image = pulled.output.trim().split('\n').at(-1) ?? '';
  const digestFile = `${archive}.digest`;
  const pushed = await runProgram('buildah', [
    'push',
    ...(isLoopback(reference) ? ['--tls-verify=false'] : []),
    ...['--retry', '1', '--digestfile', digestFile, image, `docker://${reference}`],
  ]);
  await runProgram('buildah', ['rmi', image], { shown: false });
  if (pushed.status !== 0) return pushed;
  return { status: 0, output: (await readFile(digestFile, 'utf8')).trim() };
}

/** As docker does, a registry on this machine may do without a certificate. */
function isLoopback(reference: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?\//.test(reference);
}
