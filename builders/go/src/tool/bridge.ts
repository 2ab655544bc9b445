import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { keepProgram } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, WORK_FOLDER } from '../input.ts';
import { goFailures } from './failures.ts';
import { FLAGS, targetVariables } from './flags.ts';
import { runGo } from './run.ts';

/**
 * Puts svc's own program, which starts the service's the way the platform wants, to its place. It is compiled for the service's
 * target and kept in the working copy until its source, the target or Go itself changes.
 */
export async function bridgeFor(
  input: BuildInput,
  root: string,
  program: string,
  source: string,
): Promise<Result<void>> {
  const folder = join(root, WORK_FOLDER, 'bridge');
  const env = { ...targetVariables(input), CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '', GOPROXY: 'off' };
  const place = { input: { ...input, module: { folder: relative(root, folder), workspace: null } }, root };
  await mkdir(folder, { recursive: true });
  // Built in place, the folder lies in the checkout and is no source.
  await writeFile(join(root, WORK_FOLDER, '.gitignore'), '*\n');
  const version = await runGo(['version'], folder, env, { shown: false });
  if (version.status !== 0) return failed(...(await goFailures(version, 'build-failed', place)));
  return keepProgram(folder, [source, FLAGS, env, version.output], program, async kept => {
    await writeFile(join(folder, 'go.mod'), 'module bridge\n\ngo 1.21\n');
    await writeFile(join(folder, 'main.go'), source);
    const end = await runGo(['build', ...FLAGS, '-o', kept, '.'], folder, env);
    return end.status === 0 ? ok(undefined) : failed(...(await goFailures(end, 'build-failed', place)));
  });
}
