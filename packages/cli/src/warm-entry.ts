import { EXIT } from '@svc/contracts';
import { readBuildOptions } from './build/options.ts';
import type { restoreDeployment } from './cache/restore-deployment.ts';
import { noteUnchanged, sameInputs } from './cache/warm.ts';
import { openReporting } from './reporting.ts';
import { shortStreams } from './streams.ts';

/**
 * `svc build` when there is nothing to build: the exit code, or undefined when the whole program has to be loaded. This is
 * bundled by itself, as one CommonJS file, because that is what Node starts soonest; `restoring` loads the file that is
 * needed besides when only the deployment is gone.
 */
export function buildIfUnchanged(
  args: readonly string[],
  restoring: () => { readonly restoreDeployment: typeof restoreDeployment; readonly HELPER: string },
): number | undefined {
  const options = readBuildOptions(args);
  if (!options.ok) return undefined;
  const same = sameInputs(options.value);
  if (!same) return undefined;
  const reporting = openReporting({ json: options.value.json }, shortStreams());
  const restore = (): ReturnType<typeof restoreDeployment> => {
    const { restoreDeployment, HELPER } = restoring();
    return restoreDeployment(same, options.value, reporting.emit, HELPER);
  };
  const events = same.isIntact ? noteUnchanged(same) : restore();
  for (const event of events ?? []) reporting.emit(event);
  reporting.close();
  return events && EXIT.done;
}
