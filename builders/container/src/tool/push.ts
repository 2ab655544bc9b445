import { failed, ok, type Result } from '@svc/contracts';
import type { ImageArchive } from '../archive/image-archive.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import { repositoryName } from './make-image.ts';

export interface PushedImage {
  /** Without tag and digest: `ghcr.io/acme/shop/api`. */
  readonly name: string;
  /** As the registry has it. Compression changes it, so it is not the archive's. */
  readonly digest: string;
}

/**
 * Pushes an image to `<registry>/<service>`, tagged by its content so that nothing that was pushed before loses its tag.
 *
 * Fails with `push-failed`.
 */
export async function pushImage(
  engine: ContainerEngine,
  file: string,
  archive: ImageArchive,
  registry: string,
  service: string,
): Promise<Result<PushedImage>> {
  const name = `${registry}/${repositoryName(service)}`;
  const tag = archive.id.slice('sha256:'.length, 'sha256:'.length + 12);
  const end = await engine.push(file, archive.id, `${name}:${tag}`);
  if (end.status === 0) return ok({ name, digest: end.output });
  return failed({
    code: 'push-failed',
    message: `the image cannot be pushed to ${name}: ${end.output.trim().split('\n').at(-1)}`,
    help: `Check the name after --registry, and log in: ${engine.name} login ${registry.split('/')[0]}`,
    output: end.output.trim().split('\n').slice(-20),
  });
}
