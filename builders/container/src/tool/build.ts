import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { functionFolder, writeFunctionConfig } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { writeImageArchive } from '../archive/image-archive.ts';
import { type Dockerfile, readDockerfile } from '../dockerfile.ts';
import { chooseEngine } from '../engine/choose.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import type { ImageInput } from '../input.ts';
import { buildFailure, positionAt } from './failures.ts';
import { pushImage } from './push.ts';
import { ARCHIVE, functionConfig } from './vc-config.ts';

/**
 * Makes `functions/container.func`: the image as an archive beside its settings, or pushed to a registry and named by its
 * digest.
 *
 * Failures: `tool-missing`, `engine-unavailable` (see `chooseEngine`), `build-failed`, `image-unavailable` (see
 * `buildFailure`), `push-failed`.
 */
export async function buildContainer(input: ImageInput, context: ToolContext): Promise<Result<void>> {
  const chosen = await chooseEngine(input.engine);
  if (!chosen.ok) return chosen;
  const engine = chosen.value;
  console.log(`using ${engine.label}`);
  const file = posix.join(input.root, input.dockerfile);
  const dockerfile = readDockerfile(await readFile(join(context.root, input.dockerfile), 'utf8'));
  const refused = secretAsArgument(input, dockerfile, file) ?? tooModern(input, context, dockerfile, engine);
  if (refused) return failed(refused);

  // The engine's client goes with this process; what it leaves half done goes with the folder.
  const work = await mkdtemp(join(tmpdir(), 'svc-image-'));
  try {
    const saved = join(work, 'saved.tar');
    const idFile = join(work, 'id');
    const end = await engine.build(imageRequest(input, context, dockerfile, idFile));
    if (end.status !== 0) return failed(buildFailure({ dockerfile, file, output: end.output }));
    const image = (await readFile(idFile, 'utf8')).trim();
    const save = await engine.save(image, saved);
    if (save.status !== 0) return failed(notSaved(engine, save.output));
    const folder = functionFolder(context.output, 'container');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const isPushed = input.registry !== null;
    const to = join(isPushed ? work : folder, ARCHIVE);
    const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? 0);
    const archive = await writeImageArchive({ from: saved, to, work, own: dockerfile.own, epoch });
    const pushed =
      input.registry === null
        ? ok(null)
        : await pushImage(engine, to, archive, input.registry, input.service);
    if (!pushed.ok) return pushed;
    const config = functionConfig(archive, pushed.value, input.command, input.settings);
    await writeFunctionConfig(context.output, 'container', config);
    return ok(undefined);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function imageRequest(
  input: ImageInput,
  { root, boundary }: ToolContext,
  dockerfile: Dockerfile,
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
    tag: `svc-build/${repositoryName(input.service)}:${place}`,
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

function notSaved(engine: ContainerEngine, output: string): Failure {
  return {
    code: 'build-failed',
    message: `${engine.name} has built the image but cannot save it`,
    help: 'There may be no room left on the disk.',
    output: output.trim().split('\n').slice(-20),
  };
}
