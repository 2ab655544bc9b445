import { passedOn } from '@svc/builder-kit';
import type { FunctionOutputConfig, JsonObject } from '@svc/contracts';
import type { ImageArchive } from '../archive/image-archive.ts';
import { portOf } from '../archive/image-config.ts';

/** The archive's name in the function. */
export const ARCHIVE = 'image.tar';

/**
 * The function's `.vc-config.json` (section 5 of the services reference: `handler` is the image, `command` its arguments).
 * `image` is svc's own: what has to be known of the image without opening it.
 *
 * @param reference the image in a registry; null when the archive beside holds it.
 */
export function functionConfig(
  archive: ImageArchive,
  reference: { readonly name: string; readonly digest: string } | null,
  command: readonly string[] | null,
  settings: JsonObject,
): FunctionOutputConfig {
  return {
    runtime: 'container',
    handler: reference === null ? ARCHIVE : `${reference.name}@${reference.digest}`,
    architecture: archive.config.architecture === 'arm64' ? 'arm64' : 'x86_64',
    environment: {},
    supportsResponseStreaming: true,
    ...(command === null ? {} : { command }),
    image: {
      ...(reference === null ? { archive: ARCHIVE } : {}),
      digest: reference?.digest ?? archive.digest,
      id: archive.id,
      port: portOf(archive.config.config),
    },
    ...passedOn(settings),
  };
}
