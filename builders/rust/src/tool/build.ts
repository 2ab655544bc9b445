import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { copyIncluded, functionFolder, writeFunctionConfig } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, functionName, type Program, WORK_FOLDER } from '../input.ts';
import { targetTriple } from '../target.ts';
import { bridgeFor } from './bridge.ts';
import { cargoFailure } from './cargo-failures.ts';
import { compileFailures, withRealPaths } from './compile-failures.ts';
import { forgetStale } from './freshness.ts';
import { readMessages } from './messages.ts';
import { builtProgram } from './program.ts';
import { run } from './run.ts';
import { findToolchain } from './toolchain.ts';
import { functionConfig } from './vc-config.ts';
import { writeWrapper } from './wrapper.ts';

/**
 * Makes the function. `functions/rust.func` holds the service's program as `user-server`, and beside it `executable`, a small
 * program of svc's that starts it the way the platform wants. A program with the crate `vercel_runtime` does that itself and
 * is the only one of `functions/index.func` (section 5 of the services reference).
 *
 * @param bridge the source of svc's program.
 */
export async function buildService(
  input: BuildInput,
  context: ToolContext,
  bridge: string,
): Promise<Result<void>> {
  const { root, output } = context;
  const name = functionName(input.isRuntimeCrate);
  const folder = functionFolder(output, name);
  const toolchain = await findToolchain(input, context);
  if (!toolchain.ok) return toolchain;
  const wrapper = await writeWrapper(toolchain.value, input, context);
  const made =
    input.program === null
      ? await builtProgram(input, root)
      : await compile(input, input.program, context, wrapper);
  if (!made.ok) return made;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const names = input.isRuntimeCrate ? ['executable'] : ['user-server', 'executable'];
  await copyFile(made.value, join(folder, names[0] ?? ''));
  if (!input.isRuntimeCrate) {
    const bridged = await bridgeFor(input, toolchain.value, root, join(folder, 'executable'), bridge);
    if (!bridged.ok) return bridged;
  }
  for (const each of names) await chmod(join(folder, each), 0o755);
  await copyIncluded(root, folder, input.settings.includeFiles, ['target', WORK_FOLDER]);
  await writeFunctionConfig(output, name, functionConfig(input.settings));
  return ok(undefined);
}

/** @returns the program's absolute path. */
async function compile(
  input: BuildInput,
  program: Program,
  { root, boundary }: ToolContext,
  wrapper: string,
): Promise<Result<string>> {
  await forgetStale(input, root);
  const target = targetTriple(input.settings);
  const args = [
    // Everything is there since the fetch, and the lockfile is as it should be.
    ...['build', '--release', '--locked', '--offline', '--bin', program.name],
    ...(program.features.length > 0 ? ['--features', program.features.join(',')] : []),
    ...(target === null ? [] : ['--target', target]),
    '--message-format=json',
  ];
  const env = {
    RUSTC_WRAPPER: wrapper,
    CARGO_TARGET_DIR: join(root, WORK_FOLDER, 'target'),
    // What an incremental build makes depends on the builds before it.
    CARGO_INCREMENTAL: '0',
    ...(input.strips
      ? { CARGO_PROFILE_RELEASE_STRIP: process.env.CARGO_PROFILE_RELEASE_STRIP ?? 'symbols' }
      : {}),
  };
  const end = await run('cargo', args, join(root, program.folder), env);
  const { compiler, artifacts } = readMessages(end.stdout);
  for (const { message } of compiler) process.stderr.write(withRealPaths(message.rendered ?? '', boundary));
  const place = { input, root, boundary };
  if (end.status !== 0) {
    const failures = await compileFailures(compiler, place);
    return failed(...(failures.length > 0 ? failures : [await cargoFailure(end, 'build-failed', place)]));
  }
  const made = artifacts.find(each => each.executable !== null && each.target.name === program.name);
  if (made?.executable == null) throw new Error(`cargo named no executable for ${program.name}`);
  return ok(made.executable);
}
