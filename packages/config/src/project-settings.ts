import { join } from 'node:path';
import type { Failure, Notice } from '@svc/contracts';
import { isObject } from './checks/words.ts';
import { readIfPresent } from './files.ts';
import { readJson } from './formats/json.ts';

/** What `.vercel/project.json`, which links a folder to a project of the vendor, means for a build by svc. */
export interface ProjectSettings {
  readonly failures: readonly Failure[];
  readonly warnings: readonly Notice[];
}

const FILE = '.vercel/project.json';
const NOTHING: ProjectSettings = { failures: [], warnings: [] };

/** Section 2 of the services reference: a services build needs both the setting and the key to deploy there. */
export async function readProjectSettings(directory: string, services: boolean): Promise<ProjectSettings> {
  const text = await readIfPresent(join(directory, FILE), FILE);
  if (!text.ok) return { failures: [], warnings: text.failures.map(unreadable) };
  if (text.value === undefined) return NOTHING;
  const { document, failures } = await readJson(FILE, text.value, { comments: false });
  if (!document) return { failures: [], warnings: failures.map(unreadable) };
  const settings = isObject(document.value) ? document.value.settings : undefined;
  if (!isObject(settings) || settings.framework === undefined) return NOTHING;
  const position = document.place(['settings', 'framework']);
  const isServices = settings.framework === 'services';
  if (isServices && !services) {
    const message = 'The project is set to "services", but the configuration has no "services"';
    const help =
      'Declare them: "services": { "web": { "root": "apps/web" } }, or choose another framework in the project\'s settings.';
    return { failures: [{ code: 'config-missing-field', message, help, position }], warnings: [] };
  }
  if (!isServices && services) {
    const setting =
      settings.framework === null ? 'no framework' : `the framework ${JSON.stringify(settings.framework)}`;
    const message = `The configuration declares services, but the project is set to ${setting}`;
    const help =
      'svc builds the services. For deployments by git push, set the framework to "Services" in the project\'s Build and Deployment settings.';
    return { failures: [], warnings: [{ code: 'project-framework', message, help, position }] };
  }
  return NOTHING;
}

function unreadable({ message, position }: Failure): Notice {
  return {
    code: 'project-framework',
    message: message.startsWith(FILE) ? message : `${FILE} cannot be read: ${message}`,
    ...(position ? { position } : {}),
  };
}
