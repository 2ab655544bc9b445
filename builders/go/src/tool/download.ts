import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import type { DownloadInput } from '../input.ts';
import { goFailures } from './failures.ts';
import { runGo } from './run.ts';
import { workspaceVariables } from './workspace.ts';

/** Fills the module cache, which all projects of this machine share, with what the module requires. */
export async function downloadModules(input: DownloadInput, { root }: ToolContext): Promise<Result<void>> {
  const env = await workspaceVariables(input.module, root);
  const end = await runGo(['mod', 'download'], join(root, input.module.folder), env);
  if (end.status === 0) return ok(undefined);
  return failed(...(await goFailures(end, 'install-failed', { input, root })));
}
