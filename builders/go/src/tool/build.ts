import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { copyIncluded, functionFolder, writeFunctionConfig } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, WORK_FOLDER } from '../input.ts';
import { bridgeFor } from './bridge.ts';
import { goFailures } from './failures.ts';
import { FLAGS, targetVariables } from './flags.ts';
import { builtProgram } from './program.ts';
import { runGo } from './run.ts';
import { functionConfig } from './vc-config.ts';
import { workspaceVariables } from './workspace.ts';

/**
 * Makes `functions/go.func`: the service's program as `user-server`, and beside it `executable`, a small program of svc's that
 * starts it the way the platform wants.
 *
 * @param bridge the source of that program.
 */
export async function buildService(
  input: BuildInput,
  { root, output }: ToolContext,
  bridge: string,
): Promise<Result<void>> {
  const folder = functionFolder(output, 'go');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const program = join(folder, 'user-server');
  const made =
    input.package === null ? await takeProgram(input, root, program) : await compile(input, root, program);
  if (!made.ok) return made;
  const bridged = await bridgeFor(input, root, join(folder, 'executable'), bridge);
  if (!bridged.ok) return bridged;
  for (const name of ['user-server', 'executable']) await chmod(join(folder, name), 0o755);
  await copyIncluded(root, folder, input.settings.includeFiles, [WORK_FOLDER]);
  await writeFunctionConfig(output, 'go', functionConfig(input.settings));
  return ok(undefined);
}

async function takeProgram(input: BuildInput, root: string, program: string): Promise<Result<void>> {
  const built = await builtProgram(input, root);
  if (!built.ok) return built;
  await copyFile(built.value, program);
  return ok(undefined);
}

async function compile(input: BuildInput, root: string, program: string): Promise<Result<void>> {
  const { folder } = input.module;
  const inner = posix.relative(folder, input.package ?? '.');
  const env = {
    ...targetVariables(input),
    ...(await workspaceVariables(input.module, root)),
    // Everything is there since the download; whatever else is needed is missing from go.mod or go.sum.
    GOPROXY: 'off',
  };
  const args = ['build', ...FLAGS, '-o', program, inner === '' ? '.' : `./${inner}`];
  const end = await runGo(args, join(root, folder), env);
  if (end.status === 0) return ok(undefined);
  return failed(...(await goFailures(end, 'build-failed', { input, root })));
}
