import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Notice, Project } from '@svc/contracts';
import { isFileSystemError } from '../files.ts';
import type { WarningContext } from './index.ts';

const MIDDLEWARE = /^middleware\.(?:ts|mts|cts|js|mjs|cjs|tsx|jsx)$/;

/** Files that mean something in an ordinary project and nothing beside services. Section 2 of the services reference. */
export async function warnAboutFiles({ project }: WarningContext): Promise<readonly Notice[]> {
  if (project.kind === 'app') return [];
  const [root, source] = await Promise.all([
    entries(project.directory),
    entries(join(project.directory, 'src')),
  ]);
  const notices: Notice[] = [];
  const middleware = [
    ...root.filter(name => MIDDLEWARE.test(name)),
    ...source.filter(name => MIDDLEWARE.test(name)).map(name => `src/${name}`),
  ];
  for (const file of middleware) {
    if (coversFolder(project, file.startsWith('src/') ? 'src' : '.')) continue;
    notices.push({
      code: 'middleware-ignored',
      message: `${file} will not run: with services, only the middleware inside a service does`,
      help: 'Move it into the root of the service whose requests it is for, or express it as "redirects" and "headers" at the top level.',
      position: { file, line: 1, column: 1 },
    });
  }
  if (
    root.includes('api') &&
    (await isDirectory(join(project.directory, 'api'))) &&
    !coversFolder(project, 'api')
  ) {
    notices.push({
      code: 'api-directory-ignored',
      message: 'The functions in api/ will not be built: with services, no folder is special',
      help: `Declare a service for it:\n"services": { "api": { "root": "api" } }, "rewrites": [{ "source": "/api/:path*", "destination": { "service": "api" } }]`,
      position: { file: 'api', line: 1, column: 1 },
    });
  }
  return notices;
}

/** Whether a service's root is that folder, holds it, or (for what lies below it) stands inside it. */
function coversFolder(project: Project, folder: string): boolean {
  return project.services.some(({ root }) => {
    if (root === '.' || root === folder) return true;
    return folder === 'api' && root.startsWith(`${folder}/`);
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return (await entries(path)).length > 0;
}

async function entries(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (isFileSystemError(error)) return [];
    throw error;
  }
}
