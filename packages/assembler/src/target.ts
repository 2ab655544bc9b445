import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { type Failure, failed, ok, type Project, type Result } from '@svc/contracts';
import { isObject, parseJson } from './json.ts';
import { isErrno, writing } from './writing.ts';

/**
 * Whether a deployment may replace what is at `target`. Refused: the project's own folder or one above it, a folder that
 * holds or is a service's sources, and anything that exists, holds something and is not a deployment: svc never deletes
 * what it cannot have made. Worth calling before a build rather than after it.
 */
export async function checkTarget(
  project: Pick<Project, 'directory' | 'boundary' | 'services'>,
  target: string,
): Promise<Result<void>> {
  return writing(target, async () => {
    const real = realTarget(target);
    const failure = sourcesFailure(project, target, real) ?? contentFailure(target, real);
    return failure ? failed(failure) : ok(undefined);
  });
}

function sourcesFailure(
  project: Pick<Project, 'directory' | 'boundary' | 'services'>,
  target: string,
  real: string,
): Failure | undefined {
  const help = 'Choose a folder that holds nothing else, such as .vercel/output, the default.';
  if (holds(real, realTarget(project.directory)) || holds(real, realTarget(project.boundary))) {
    return {
      code: 'output-conflict',
      message: `the output cannot be ${target}: the project lies in it and would be deleted`,
      help,
    };
  }
  const service = project.services.find(({ root }) => holds(real, realTarget(join(project.directory, root))));
  if (!service) return undefined;
  return {
    code: 'output-conflict',
    service: service.name,
    message: `the output cannot be ${target}: the sources of service "${service.name}" lie in it and would be deleted`,
    help,
  };
}

function contentFailure(target: string, real: string): Failure | undefined {
  const stat = lstatSync(real, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (!stat.isDirectory()) {
    return {
      code: 'output-conflict',
      message: `the output cannot be ${target}: that is a file, not a folder`,
      help: 'Remove it, or choose another folder with --output.',
    };
  }
  if (readdirSync(real).length === 0 || looksLikeDeployment(real)) return undefined;
  return {
    code: 'output-conflict',
    message: `the output cannot be ${target}: it holds something that is not a deployment and would be deleted`,
    help: 'Empty the folder if nothing in it is needed, or choose another one with --output.',
  };
}

/** Whether nothing is lost when a deployment takes the place of what is there. `real` is a path without links. */
export function mayBeReplaced(real: string): boolean {
  return contentFailure(real, real) === undefined;
}

/** A Build Output directory of ours, of the vendor's CLI, or of a framework. */
function looksLikeDeployment(directory: string): boolean {
  const config = readObject(join(directory, 'config.json'));
  if (config?.version === 3) return true;
  const manifest = readObject(join(directory, 'deployment.json'));
  if (typeof manifest?.id === 'string' && manifest.id.startsWith('dpl_')) return true;
  return Array.isArray(readObject(join(directory, 'builds.json'))?.builds);
}

function readObject(path: string): { readonly [key: string]: unknown } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'EISDIR')) return undefined;
    throw error;
  }
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** The path with links resolved as far as it exists: what a rename would really touch. */
export function realTarget(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync.native(absolute);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realTarget(parent), basename(absolute));
}

/** Whether `inner` is `outer` or lies in it. */
function holds(outer: string, inner: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && resolve(outer, path) === inner);
}
