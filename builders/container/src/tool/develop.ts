import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedImage, ToolContext } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { chooseEngine, dockerHelp } from '../engine/choose.ts';
import { openDocker } from '../engine/docker.ts';
import type { ImageInput } from '../input.ts';
import { DESCRIPTION } from '../plan/develop.ts';
import { notSaved } from './failures.ts';
import { makeImage } from './make-image.ts';

/** What an archive of buildah's is called; docker loads an image once by its name, so each image has another. */
const ARCHIVE = /^image-\w+\.tar$/;

/**
 * Builds the image for `svc dev`. Docker keeps it, since docker runs it; of an image that buildah has built it gets an archive.
 *
 * Failures: `tool-missing`, `engine-unavailable` (docker, or the engine that builds), `build-failed`, `image-unavailable`.
 */
export async function prepareContainer(input: ImageInput, context: ToolContext): Promise<Result<void>> {
  const docker = await openDocker();
  if ('problem' in docker) return failed(noDocker(docker, input.service));
  const chosen = input.engine === 'buildah' ? await chooseEngine(input.engine) : ok(docker);
  if (!chosen.ok) return chosen;
  const engine = chosen.value;
  const work = await mkdtemp(join(tmpdir(), 'svc-image-'));
  try {
    const made = await makeImage(engine, input, context, 'svc-dev', work);
    if (!made.ok) return made;
    const { id } = made.value;
    await mkdir(context.output, { recursive: true });
    if (engine.name === 'docker') return describe(context, { reference: id });
    const archive = `image-${id.replace(/^sha256:/, '').slice(0, 12)}.tar`;
    for (const name of await readdir(context.output)) {
      if (ARCHIVE.test(name)) await rm(join(context.output, name));
    }
    const saved = await engine.save(id, join(context.output, archive));
    if (saved.status !== 0) return failed(notSaved(engine.name, saved.output));
    return describe(context, { archive });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function describe({ output }: ToolContext, image: PreparedImage): Promise<Result<void>> {
  await writeFile(join(output, DESCRIPTION), JSON.stringify(image));
  return ok(undefined);
}

function noDocker({ problem, why }: { problem: 'missing' | 'down'; why: string }, service: string) {
  const orCommand = `Or run "${service}" without a container while developing: give it a "devCommand" in vercel.json that starts a server on the port in PORT.`;
  return problem === 'missing'
    ? ({
        code: 'tool-missing',
        message: 'this service is a container, which docker runs, and docker is not on this machine',
        help: `Install it (https://docs.docker.com/engine/install/) and start it.\n${orCommand}`,
      } as const)
    : ({
        code: 'engine-unavailable',
        message: `this service is a container, which docker runs, and docker does not answer: ${why}`,
        help: `${dockerHelp(why).join('\n')}\n${orCommand}`,
      } as const);
}
