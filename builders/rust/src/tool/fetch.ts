import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type FetchInput, WORK_FOLDER } from '../input.ts';
import { cargoFailure } from './cargo-failures.ts';
import { run } from './run.ts';
import { shownPath } from './shown-path.ts';
import { writeStubs } from './stubs.ts';
import { findToolchain } from './toolchain.ts';
import { writeWrapper } from './wrapper.ts';

/**
 * Checks the toolchain, and fills cargo's cache, which all projects of this machine share, with what the lockfile names for
 * the platforms that are built for. Without a lockfile, the versions that were chosen first stay until a manifest changes.
 */
export async function fetchPackages(input: FetchInput, context: ToolContext): Promise<Result<void>> {
  const { root, boundary } = context;
  const toolchain = await findToolchain(input, context);
  if (!toolchain.ok) return toolchain;
  await writeWrapper(toolchain.value, input, context);
  await writeStubs(input, root);
  const lockfile = join(root, input.workspace, 'Cargo.lock');
  const kept = join(root, WORK_FOLDER, 'Cargo.lock');
  const isLocked = existsSync(lockfile);
  if (isLocked) await rm(kept, { force: true });
  else if (existsSync(kept)) await copyFile(kept, lockfile);
  const named = [toolchain.value.host, ...input.targets, process.env.CARGO_BUILD_TARGET ?? ''];
  const targets = [...new Set(named)].filter(each => each !== '' && !each.endsWith('.json'));
  const args = ['fetch', ...(isLocked ? ['--locked'] : []), ...targets.flatMap(each => ['--target', each])];
  const end = await run('cargo', args, join(root, input.folder));
  if (end.status !== 0) return failed(await cargoFailure(end, 'install-failed', { input, root, boundary }));
  if (!isLocked) {
    await mkdir(join(root, WORK_FOLDER), { recursive: true });
    await copyFile(lockfile, kept);
    context.warn({
      code: 'lockfile-missing',
      message: 'there is no Cargo.lock, so that the next build may use other versions of the dependencies',
      help: `Run \`cargo generate-lockfile\` and commit ${shownPath(input.root, root, lockfile)}.`,
    });
  }
  return ok(undefined);
}
