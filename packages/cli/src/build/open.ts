import { resolve } from 'node:path';
import { findBoundary, findProject } from '@svc/config';
import { ok, type Result } from '@svc/contracts';
import { openSources, type Sources } from '@svc/sources';

export interface OpenedProject {
  /** Absolute path of the folder with the configuration. */
  readonly directory: string;
  readonly sources: Promise<Sources>;
}

/**
 * Finds the project and sets git to work on its files. That takes git about as long as svc needs to load the phases, so
 * commands import those only after this.
 */
export async function openProject(
  directory: string,
  options: { readonly willRun: boolean },
): Promise<Result<OpenedProject>> {
  const location = await findProject(resolve(directory));
  if (!location.ok) return location;
  const sources = openSources(await findBoundary(location.value.directory), {
    // Steps hide what git ignores.
    ignoredSoon: options.willRun,
  });
  // Whoever awaits it hears of errors; a configuration that is refused first leaves nobody who does.
  sources.catch(() => undefined);
  return ok({ directory: location.value.directory, sources });
}
