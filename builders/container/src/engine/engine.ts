import type { EngineName } from '../input.ts';
import type { ProgramEnd } from './program.ts';

/** One image to build. Paths are absolute. */
export interface ImageRequest {
  readonly dockerfile: string;
  readonly context: string;
  /** Under which the engine keeps the image, so that the next build finds its layers. */
  readonly tag: string;
  /** Names of variables of this process that become build arguments. */
  readonly args: readonly string[];
  /** Names of variables of this process that become secret mounts of the same id. */
  readonly secrets: readonly string[];
  /** `linux/arm64`; null for the engine's own. */
  readonly platform: string | null;
  /** Whether commands run while it is built, so that they need a network. */
  readonly runs: boolean;
  /** A file that the engine may write: the image's id. */
  readonly idFile: string;
}

/**
 * Something that builds images. Every implementation passes `test/engine-conformance.ts`. Commands are run with the
 * caller's own home, where engines keep logins and images; their output goes to the terminal as it comes.
 */
export interface ContainerEngine {
  readonly name: EngineName;
  /** For people: `docker 28.2.2 with BuildKit`. */
  readonly label: string;
  /** Whether secret mounts, here-documents and `<Dockerfile>.dockerignore` are understood; else what to install. */
  readonly modern: true | { readonly missing: string };
  /** Builds an image and keeps it under `tag`; the image that had the tag before is removed, its layers stay cached. */
  build(request: ImageRequest): Promise<ProgramEnd>;
  /** Writes an image as a `docker save` archive (`manifest.json`, configuration, layers). */
  save(image: string, file: string): Promise<ProgramEnd>;
  /** Pushes the image of an archive made by svc; `id` is its image id. The last line of output is its digest. */
  push(archive: string, id: string, reference: string): Promise<ProgramEnd>;
}
