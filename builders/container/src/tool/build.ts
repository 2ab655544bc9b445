import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { functionFolder, writeFunctionConfig } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { writeImageArchive } from '../archive/image-archive.ts';
import { chooseEngine } from '../engine/choose.ts';
import type { ImageInput } from '../input.ts';
import { notSaved } from './failures.ts';
import { makeImage } from './make-image.ts';
import { pushImage } from './push.ts';
import { ARCHIVE, functionConfig } from './vc-config.ts';

/**
 * Makes `functions/container.func`: the image as an archive beside its settings, or pushed to a registry and named by its
 * digest.
 *
 * Failures: `tool-missing`, `engine-unavailable` (see `chooseEngine`), `build-failed`, `image-unavailable` (see
 * `makeImage`), `push-failed`.
 */
export async function buildContainer(input: ImageInput, context: ToolContext): Promise<Result<void>> {
  const chosen = await chooseEngine(input.engine);
  if (!chosen.ok) return chosen;
  const engine = chosen.value;
  console.log(`using ${engine.label}`);
  // The engine's client goes with this process; what it leaves half done goes with the folder.
  const work = await mkdtemp(join(tmpdir(), 'svc-image-'));
  try {
    const made = await makeImage(engine, input, context, 'svc-build', work);
    if (!made.ok) return made;
    const { id, dockerfile } = made.value;
    const saved = join(work, 'saved.tar');
    const save = await engine.save(id, saved);
    if (save.status !== 0) return failed(notSaved(engine.name, save.output));
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
