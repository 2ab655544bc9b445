import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { type Dockerfile, readDockerfile } from '../dockerfile.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import type { ImageInput } from '../input.ts';
import { buildFailure, positionAt } from './failures.ts';

/** An image that an engine has. */
export interface MadeImage {
  /** By which the engine knows it. */
  readonly id: string;
  readonly dockerfile: Dockerfile;
}

/**
 * Builds the image of a service and keeps it with the engine.
 *
 * Failures: `tool-missing` (the engine is too old for the Dockerfile), `build-failed`, `image-unavailable` (see `buildFailure`).
 *
 * @param repository where the image gets its tag: `svc-build`. Builds of different purposes do not replace each other's.
 * @param work absolute path of a folder for what is of no use afterwards.
 */
export async function makeImage(
  engine: ContainerEngine,
  input: ImageInput,
  context: ToolContext,
  repository: string,
  work: string,
): Promise<Result<MadeImage>> {
  const file = posix.join(input.root, input.dockerfile);
  const dockerfile = readDockerfile(await readFile(join(context.root, input.dockerfile), 'utf8'));
  const refused = secretAsArgument(input, dockerfile, file) ?? tooModern(input, context, dockerfile, engine);
  if (refused) return failed(refused);
  const idFile = join(work, 'id');
  const end = await engine.build(imageRequest(input, context, dockerfile, repository, idFile));
  if (end.status !== 0) return failed(buildFailure({ dockerfile, file, output: end.output }));
  return ok({ id: (await readFile(idFile, 'utf8')).trim(), dockerfile });
}

function imageRequest(
  input: ImageInput,
  { root, boundary }: ToolContext,
  dockerfile: Dockerfile,
  repository: string,
  idFile: string,
) {
  const isSet = (name: string) => process.env[name] !== undefined;
  const { architecture } = input.settings;
  const place = createHash('sha256')
    .update(JSON.stringify([boundary, input.root]))
    .digest('hex')
    .slice(0, 12);
  return {
    dockerfile: join(root, input.dockerfile),
    context: join(root, input.context),
    tag: `${repository}/${repositoryName(input.service)}:${place}`,
    args: input.args.filter(name => dockerfile.args.has(name) && isSet(name)),
    secrets: input.secrets.filter(isSet),
    platform: architecture === 'arm64' ? 'linux/arm64' : architecture === 'x86_64' ? 'linux/amd64' : null,
    runs: dockerfile.instructions.some(({ keyword }) => keyword === 'RUN'),
    idFile,
  };
}

/** Registries allow fewer combinations of `-` and `_` than names of services do. */
export function repositoryName(service: string): string {
  return service.replace(/[-_]{2,}/g, '-');
}

/** What an old builder would silently leave out, or choke on with words that lead nowhere. */
function tooModern(
  input: ImageInput,
  { root }: ToolContext,
  dockerfile: Dockerfile,
  engine: ContainerEngine,
): Failure | undefined {
  if (engine.modern === true) return undefined;
  const ignore = `${input.dockerfile}.dockerignore`;
  const what =
    input.secrets.length > 0
      ? 'secret mounts'
      : existsSync(join(root, ignore))
        ? `the file ${ignore}`
        : dockerfile.isModern
          ? `the mounts or here-documents of ${posix.join(input.root, input.dockerfile)}`
          : undefined;
  if (what === undefined) return undefined;
  return {
    code: 'tool-missing',
    message: `${engine.label} does not understand ${what}`,
    help: `${engine.modern.missing} Or install buildah and build with --engine buildah.`,
  };
}

/** A build argument stays readable in the image's history for everyone who has the image. */
function secretAsArgument(input: ImageInput, dockerfile: Dockerfile, file: string): Failure | undefined {
  const name = input.secrets.find(each => dockerfile.args.has(each));
  if (name === undefined) return undefined;
  const at = dockerfile.instructions.find(({ keyword, text }) => keyword === 'ARG' && text.includes(name));
  return {
    code: 'build-failed',
    message: `${name} is a secret by svc.json, but ${file} takes it as a build argument, which would leave it in the image`,
    help: `Remove the ARG, and where the secret is needed write: RUN --mount=type=secret,id=${name} …  (the value is in /run/secrets/${name})`,
    ...(at ? { position: positionAt({ file, dockerfile }, at.line) } : {}),
  };
}
