import { EXIT } from '@svc/contracts';
import { readBuildOptions } from './build/options.ts';
import { unchangedBuild } from './cache/warm.ts';
import { openReporting } from './reporting.ts';

/**
 * `svc build` when there is nothing to build: the exit code, or undefined when the whole program has to be loaded. This is
 * bundled by itself, as one CommonJS file, because that is what Node starts soonest.
 */
export function buildIfUnchanged(args: readonly string[]): number | undefined {
  const options = readBuildOptions(args);
  if (!options.ok) return undefined;
  const events = unchangedBuild(options.value);
  if (!events) return undefined;
  const reporting = openReporting({ json: options.value.json });
  for (const event of events) reporting.emit(event);
  reporting.close();
  return EXIT.done;
}
