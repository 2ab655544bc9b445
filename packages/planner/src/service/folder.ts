import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import type { Failure, JsonObject, Project, Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import type { Checkout } from '../checkout.ts';
import { didYouMean } from '../nearest-name.ts';
import { isWithin, join, relativeTo } from '../paths.ts';
import { failure } from './failure.ts';

/** A service's root and what it holds. Paths are relative to that root unless they say otherwise. */
export interface ServiceFolder {
  /** Relative to the boundary. */
  readonly directory: string;
  readonly absolute: string;
  /** Roots of other services inside this one, relative to the boundary. */
  readonly otherRoots: readonly string[];
  /**
   * Input files, sorted by bytes, without those of other services inside the root: the service's steps see them, but
   * what the service is and what it publishes does not follow from them.
   */
  readonly files: readonly string[];
  /** Whether that is one of the input files. */
  has(path: string): boolean;
  /** Whether input files lie in that folder. */
  hasFolder(path: string): boolean;
  read(path: string): Promise<string | undefined>;
  readonly packageJson: JsonObject | null;
}

/** Roots of other services inside a folder, relative to the boundary. */
export function otherRootsWithin(
  project: Project,
  prefix: string,
  service: ServiceConfig,
  directory: string,
): string[] {
  return project.services
    .filter(({ name }) => name !== service.name)
    .map(({ root }) => join(prefix, root))
    .filter(root => root !== directory && isWithin(directory, root));
}

/** The root must exist and be a folder (section 3.1 of the services reference); a misspelt one gets a suggestion. */
export async function openServiceFolder(
  checkout: Checkout,
  project: Project,
  prefix: string,
  service: ServiceConfig,
): Promise<Result<ServiceFolder>> {
  const directory = join(prefix, service.root);
  const kind = await checkout.kindOf(directory);
  if (kind === undefined) {
    return failed(
      failure(service, 'root-not-found', 'root', {
        message: `the folder "${service.root}" of service "${service.name}" does not exist`,
        help: (await suggestFolder(checkout, prefix, service.root)) ?? pathsAreRelative(project),
      }),
    );
  }
  if (kind === 'file') {
    return failed(
      failure(service, 'root-not-directory', 'root', {
        message: `the root "${service.root}" of service "${service.name}" is a file, not a folder`,
        help: `Write the folder that holds it: "root": "${dirname(service.root)}".`,
      }),
    );
  }
  const packageJson = await checkout.packageJson(directory);
  if (!packageJson && (await checkout.read(join(directory, 'package.json'))) !== undefined) {
    return failed(unreadablePackage(service, relativeTo(prefix, join(directory, 'package.json'))));
  }
  const otherRoots = otherRootsWithin(project, prefix, service, directory);
  const paths = await checkout.sources.files([directory]);
  const own = paths.filter(path => !otherRoots.some(root => isWithin(root, path)));
  const files = own.map(path => relativeTo(directory, path));
  const known = new Set(files);
  return ok({
    directory,
    absolute: checkout.absolute(directory),
    otherRoots,
    files,
    has: path => known.has(path),
    hasFolder: path => files.some(file => file.startsWith(`${path}/`)),
    read: path => checkout.read(join(directory, path)),
    packageJson: packageJson ?? null,
  });
}

/** What the service is follows from that file: guessing without it could publish an application's sources. */
function unreadablePackage(service: ServiceConfig, file: string): Failure {
  return {
    code: 'framework-undetected',
    service: service.name,
    message: `svc cannot tell what service "${service.name}" is: ${file} is not a JSON object`,
    help: `Run \`node -p "require('./${file}')"\` to see what is wrong with it.`,
    position: { file, line: 1, column: 1 },
  };
}

async function suggestFolder(checkout: Checkout, prefix: string, root: string): Promise<string | undefined> {
  const parent = dirname(root);
  const entries = await readdir(checkout.absolute(join(prefix, parent)), { withFileTypes: true }).catch(
    () => [],
  );
  const folders = entries.filter(entry => entry.isDirectory()).map(entry => join(parent, entry.name));
  return didYouMean(root, folders);
}

function pathsAreRelative(project: Project): string {
  return `A root is the path of a folder as seen from the folder of ${project.configFile ?? 'the project'}.`;
}
