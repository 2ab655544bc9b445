import { basename, dirname, extname } from 'node:path/posix';
import type { Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { isObject } from '../checkout.ts';
import { type Runtime, runtimeOfFile } from '../frameworks/runtimes.ts';
import { nearestNames } from '../nearest-name.ts';
import { join, normalised } from '../paths.ts';
import { failure } from './failure.ts';
import type { ServiceFolder } from './folder.ts';

/** A configured `entrypoint`, understood. */
export interface Entrypoint {
  /** Relative to the service's root. A built one may not exist yet. */
  readonly path: string;
  /** `attr` of `module:attr`. */
  readonly handler: string | null;
  /** What its name says about the runtime. */
  readonly runtime: Runtime | null;
}

/** `pkg.module:attr`, the form of Python's servers (section 3.1(4) of the services reference). */
const MODULE_ATTRIBUTE = /^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)$/;

/** `Dockerfile`, `Containerfile.vercel`, `api.Dockerfile`, `Dockerfile.prod` (section 3.1(3)). */
const CONTAINER_FILE = /(?:docker|container)file/i;

/** Reads `entrypoint`: a file, a folder, `module:attr` or a Dockerfile, relative to the root. */
export function readEntrypoint(service: ServiceConfig, folder: ServiceFolder): Result<Entrypoint | null> {
  const written = service.entrypoint;
  if (written === undefined) return ok(null);
  const attribute = MODULE_ATTRIBUTE.exec(written);
  if (isImage(service, folder, written)) {
    return invalid(
      service,
      'is an image that exists already, and a container is built from a Dockerfile',
      `Write a Dockerfile with the line "FROM ${written}", and remove the entrypoint or name that file.`,
    );
  }
  if (attribute) return pythonModule(service, folder, attribute[1] ?? '', attribute[2] ?? '');

  const path = normalised(written);
  if (path === undefined) {
    return invalid(service, `is outside the service's root`, `Move the root up, or name a file below it.`);
  }
  if (folder.has(path)) return ok({ path, handler: null, runtime: runtimeOf(path) });
  if (path === '.' || folder.hasFolder(path)) return programInFolder(service, folder, path);
  if (isMadeByBuild(service, folder, path)) return ok({ path, handler: null, runtime: runtimeOf(path) });
  return missing(service, folder, written, path);
}

/** `nginx:1.27`, `ghcr.io/acme/api`, `…@sha256:…`: what people write who mean an image from a registry. */
function isImage(service: ServiceConfig, folder: ServiceFolder, written: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(written)) return true;
  const isName = /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[a-z0-9][\w.-]*)*(?::[\w.-]+)?$/.test(written);
  if (service.runtime !== 'container' || !isName || CONTAINER_FILE.test(basename(written))) return false;
  // Without a tag, only the host of a registry tells a name from a slip of the pen.
  const isPlaced = written.includes(':') || /^[\w-]+\.[\w.-]+\//.test(written);
  const path = normalised(written) ?? '';
  return isPlaced && !folder.has(path) && !folder.hasFolder(path);
}

function runtimeOf(path: string): Runtime | null {
  const name = basename(path);
  if (CONTAINER_FILE.test(name)) return 'container';
  return name === 'pyproject.toml' ? 'python' : runtimeOfFile(path);
}

function pythonModule(
  service: ServiceConfig,
  folder: ServiceFolder,
  module: string,
  handler: string,
): Result<Entrypoint> {
  if (service.runtime !== undefined && service.runtime !== 'python') {
    return invalid(
      service,
      `has the form "module:attribute", which only Python services use, but its runtime is "${service.runtime}"`,
      'Write the path of a file, such as "src/server.ts".',
    );
  }
  const stem = module.replaceAll('.', '/');
  const path = [`${stem}.py`, `${stem}/__init__.py`].find(each => folder.has(each));
  if (path === undefined) return missing(service, folder, `${module}:${handler}`, `${stem}.py`);
  return ok({ path, handler, runtime: 'python' });
}

const PROGRAM_NAMES = ['server', 'index', 'main', 'app'];
const PROGRAM_EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.py', '.go', '.rs', '.rb', '.ru'];

/** A folder as entrypoint means the usual program in it. */
function programInFolder(
  service: ServiceConfig,
  folder: ServiceFolder,
  directory: string,
): Result<Entrypoint> {
  const names = PROGRAM_NAMES.flatMap(name => PROGRAM_EXTENSIONS.map(extension => `${name}${extension}`));
  const path = names.map(name => join(directory, name)).find(each => folder.has(each));
  if (path !== undefined) return ok({ path, handler: null, runtime: runtimeOf(path) });
  return invalid(
    service,
    `is a folder without a program of a usual name (server, index, main, app)`,
    'Name the file that starts the service.',
  );
}

/**
 * An entrypoint may be made by the build (`dist/index.js`). Taken for one is a JavaScript file in a folder that holds no
 * sources, or beside the TypeScript file of the same name; anything else is a slip of the pen.
 */
function isMadeByBuild(service: ServiceConfig, folder: ServiceFolder, path: string): boolean {
  if (!hasBuild(service, folder) || !/^\.[cm]?js$/.test(extname(path))) return false;
  const [top = ''] = path.split('/');
  if (path.includes('/') && !folder.hasFolder(top)) return true;
  return folder.has(path.replace(/\.([cm]?)js$/, '.$1ts'));
}

/** Whether a build command will run: the service's own or one of the scripts that stand for it (section 4). */
export function hasBuild(service: ServiceConfig, folder: ServiceFolder): boolean {
  if (service.buildCommand !== undefined) return true;
  const scripts = folder.packageJson?.scripts;
  return isObject(scripts) && ['vercel-build', 'now-build', 'build'].some(name => name in scripts);
}

function invalid(service: ServiceConfig, problem: string, help: string): Result<never> {
  return failed(
    failure(service, 'entrypoint-invalid', 'entrypoint', {
      message: `the entrypoint "${service.entrypoint}" of service "${service.name}" ${problem}`,
      help,
    }),
  );
}

function missing(
  service: ServiceConfig,
  folder: ServiceFolder,
  written: string,
  path: string,
): Result<never> {
  return failed(
    failure(service, 'entrypoint-not-found', 'entrypoint', {
      message: `the entrypoint "${written}" of service "${service.name}" does not exist in ${service.root}`,
      help: suggestion(folder, path, written.includes(':')),
    }),
  );
}

function suggestion(folder: ServiceFolder, path: string, asModule: boolean): string {
  const programs = folder.files.filter(file => runtimeOf(file) !== null && extname(file) === extname(path));
  const others = folder.files.filter(file => runtimeOf(file) !== null && sameStem(file, path));
  const near = nearestNames(path, programs);
  const names = [...new Set([...near, ...others])]
    .slice(0, 3)
    .map(file => (asModule ? asPythonModule(file) : file));
  if (names.length > 0) return `Did you mean ${names.map(name => `"${name}"`).join(' or ')}?`;
  return asModule
    ? `"module:attribute" names a Python file without its ending, here ${path}, and a variable in it.`
    : 'The path is relative to the root of the service.';
}

function sameStem(file: string, path: string): boolean {
  return stem(file) === stem(path);
}

function stem(path: string): string {
  return basename(path, extname(path));
}

function asPythonModule(file: string): string {
  const folder = dirname(file);
  const parts = [...(folder === '.' ? [] : folder.split('/')), stem(file)];
  return `${parts.join('.')}:app`;
}
