import { join } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import type { ServiceConfig } from '@svc/contracts';
import { sourceFiles } from './files.ts';

export interface ServiceFixture extends Partial<Omit<ServiceConfig, 'name'>> {
  readonly root: string;
  /** Roots of other services inside this one's, relative to the project. */
  readonly otherRoots?: readonly string[];
  /** Slug of the framework that the planner found. */
  readonly slug?: string;
  /** The planner's reading of `module:attribute`. */
  readonly handler?: string;
}

/** What a language's services have in common. */
export interface Kind {
  readonly runtime: string;
  /** Paths of files that are no sources: a builder's own, a tool's. */
  readonly generated: RegExp;
  /** Where the service is written down when the fixture doesn't say. */
  readonly positions: ServiceConfig['positions'];
}

/** What the planner would ask for the service `api` below `boundary`. */
export function planRequest(
  boundary: string,
  { slug, handler, otherRoots = [], ...fields }: ServiceFixture,
  { runtime, generated, positions }: Kind,
): PlanRequest {
  const root = join(boundary, fields.root);
  const service: ServiceConfig = {
    name: 'api',
    bindings: [],
    functions: {},
    routes: [],
    local: { env: [], envFiles: [], inputs: [] },
    declared: {},
    positions,
    ...fields,
  };
  const isOthers = (path: string) =>
    otherRoots.some(other => join(fields.root, path).startsWith(`${other}/`));
  return {
    service,
    directory: fields.root,
    paths: { boundary, root },
    framework: slug
      ? { slug, name: slug, buildCommand: null, outputDirectory: null, cachePattern: null, envPrefix: null }
      : null,
    runtime,
    entrypoint: service.entrypoint ?? null,
    handler: handler ?? null,
    files: sourceFiles(root, generated).filter(path => !isOthers(path)),
    otherRoots,
    packageManager: null,
    packageJson: null,
    script: () => undefined,
  };
}
