import { EXIT } from '@svc/contracts';
import { readBuildOptions } from '../build/options.ts';
import { unchangedBuild } from '../cache/warm.ts';
import { openReporting } from '../reporting.ts';

/** Builds all services and puts their outputs together as one deployment directory; nothing when nothing has changed. */
export async function run(args: readonly string[]): Promise<number> {
  const options = readBuildOptions(args);
  const unchanged = options.ok ? unchangedBuild(options.value) : undefined;
  if (!unchanged) return (await import('../build/build.ts')).build(options);
  const reporting = openReporting({ json: options.ok && options.value.json });
  for (const event of unchanged) reporting.emit(event);
  reporting.close();
  return EXIT.done;
}
