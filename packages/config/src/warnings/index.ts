import type { JsonObject, Notice, Project } from '@svc/contracts';
import type { Document } from '../document.ts';
import type { ProjectSettings } from '../project-settings.ts';
import { warnAboutConditions } from './conditions.ts';
import { warnAboutFiles } from './files.ts';
import { warnAboutKeys } from './keys.ts';
import { warnAboutReach } from './reach.ts';

/** What a kind of warning may look at. The configuration has passed all checks. */
export interface WarningContext {
  readonly project: Project;
  readonly config: JsonObject;
  /** Absent when there is no configuration file. */
  readonly document?: Document;
  readonly settings: ProjectSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Everything that is allowed and will surprise, unsorted. */
export async function gatherWarnings(context: WarningContext): Promise<readonly Notice[]> {
  const { document } = context;
  const files = await warnAboutFiles(context);
  if (!document) return [...context.settings.warnings, ...files];
  const known = { ...context, document };
  return [
    ...context.settings.warnings,
    ...files,
    ...warnAboutKeys(known),
    ...warnAboutReach(known),
    ...warnAboutConditions(known),
    ...(await rulesWarnings(known)),
  ];
}

/** The warnings about rules need automata; a configuration without rules does without. */
async function rulesWarnings(
  context: WarningContext & { readonly document: Document },
): Promise<readonly Notice[]> {
  const hasRules = [context.config, ...context.project.services.map(service => service.declared)].some(
    fields => ['rewrites', 'redirects', 'headers', 'routes'].some(key => fields[key] !== undefined),
  );
  return hasRules ? (await import('./rules.ts')).warnAboutRules(context) : [];
}
