import { posix } from 'node:path';
import type { FinishRequest } from '@svc/builder-kit';
import type { Failure, ServiceConfig, WorkingView } from '@svc/contracts';
import type { StaticData } from './data.ts';

/** The folder to publish is not there: says which folders are, those with a page first. */
export async function missingOutput(
  { service, plan, view }: FinishRequest,
  directory: string,
  data: StaticData,
): Promise<Failure> {
  const who =
    data.mode === 'build'
      ? `"${data.label}" of service "${service.name}" left`
      : `service "${service.name}" has`;
  const { withPage, others } = await foldersIn(view, plan.directory);
  const [likely] = withPage;
  const what =
    withPage.length > 0
      ? `Folders with an index.html: ${withPage.join(', ')}.`
      : others.length > 0
        ? `Folders that are there: ${others.join(', ')}.`
        : 'There are no folders in its root at all.';
  return {
    code: 'output-directory-missing',
    service: service.name,
    message: `${who} no folder "${directory}"`,
    help: `${what} Set the one to publish in the service: "outputDirectory": "${likely ?? 'dist'}".`,
    ...positionOf(service),
  };
}

export function notADirectory(service: ServiceConfig, directory: string): Failure {
  return {
    code: 'output-directory-not-a-directory',
    service: service.name,
    message: `"${directory}", which service "${service.name}" is to publish, is not a folder`,
    help: 'Set "outputDirectory" in the service to the folder that holds the site.',
    ...positionOf(service),
  };
}

export function emptyOutput(service: ServiceConfig, directory: string, data: StaticData): Failure {
  const built = data.mode === 'build';
  return {
    code: 'output-directory-empty',
    service: service.name,
    message: built
      ? `"${data.label}" of service "${service.name}" left nothing in "${directory}"`
      : `service "${service.name}" has nothing to publish in ${directory === '.' ? 'its root' : `"${directory}"`}`,
    help: built
      ? 'If the site is written elsewhere, set that folder in the service as "outputDirectory".'
      : 'Files that git ignores, hidden files, keys and settings are not published.',
    ...positionOf(service),
  };
}

export function escapingOutput(service: ServiceConfig, directory: string): Failure {
  return {
    code: 'output-escapes',
    service: service.name,
    message: `the framework of service "${service.name}" is set to build to "${directory}", which is outside the service's root`,
    help: "Change the framework's settings so that it builds into the service's own folder.",
    ...positionOf(service),
  };
}

function positionOf(service: ServiceConfig): Pick<Failure, 'position'> {
  const position = service.positions.outputDirectory ?? service.positions.name;
  return position ? { position } : {};
}

async function foldersIn(view: WorkingView, root: string) {
  const withPage: string[] = [];
  const others: string[] = [];
  const look = async (folder: string, depth: number) => {
    for (const { name, kind } of (await view.list(posix.join(root, folder))) ?? []) {
      if (kind !== 'directory' || name.startsWith('.') || name === 'node_modules') continue;
      const path = posix.join(folder, name);
      const hasPage = (await view.stat(posix.join(root, path, 'index.html'))) !== undefined;
      if (hasPage) withPage.push(path);
      else {
        if (depth === 0) others.push(path);
        if (depth < 2) await look(path, depth + 1);
      }
    }
  };
  await look('.', 0);
  return { withPage, others };
}
