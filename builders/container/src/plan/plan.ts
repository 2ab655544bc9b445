import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { BuilderPlan, PlanRequest, StepDraft } from '@svc/builder-kit';
import { settingsFor, unusedFunctions } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { ENGINE_NAMES, type EngineChoice, type ImageInput } from '../input.ts';

/**
 * Plans a container: the service's own `buildCommand`, if it has one, and the image. No engine is asked and no Dockerfile
 * is read; which file it is has been decided before (section 3.1(3) of the services reference).
 *
 * Failures: `config-invalid-value` (a context that is no folder, an engine that svc does not know), `entrypoint-not-found`.
 */
export async function planContainer(
  request: PlanRequest,
  choice: EngineChoice,
): Promise<Result<BuilderPlan>> {
  const { service, entrypoint, directory } = request;
  if (entrypoint === null) {
    return failed({
      code: 'entrypoint-not-found',
      message: 'this container has no Dockerfile',
      help: 'Name it: "entrypoint": "Dockerfile".',
    });
  }
  const engine = service.local.engine ?? choice.engine;
  const context = contextOf(request);
  const failures = [
    ...(context === null ? [contextMissing(request)] : []),
    ...(engine === null || isEngine(engine) ? [] : [engineUnknown(request, engine)]),
  ];
  if (context === null || (engine !== null && !isEngine(engine))) return failed(...failures);
  const secrets = [...(service.local.secrets ?? [])];
  const input: ImageInput = {
    service: service.name,
    root: service.root,
    dockerfile: entrypoint,
    context: posix.relative(directory, context) || '.',
    args: argumentNames(request).filter(name => !secrets.includes(name)),
    secrets,
    command: service.command ?? null,
    settings: settingsFor(service.functions, entrypoint),
    engine,
    registry: choice.registry,
  };
  const own: StepDraft[] =
    service.buildCommand === undefined
      ? []
      : [
          {
            kind: 'build',
            label: service.buildCommand,
            command: { type: 'shell', line: service.buildCommand },
          },
        ];
  const shown = posix.join(service.root, entrypoint);
  return ok({
    entrypoint,
    outputDirectory: null,
    steps: [
      ...own,
      {
        kind: own.length > 0 ? 'bundle' : 'build',
        label: `build the image of ${shown}`,
        command: { type: 'tool', tool: 'container/image', input },
        // Base images come from a registry.
        network: true,
      },
    ],
    caches: [],
    inputs: contains(directory, context) ? [] : [context],
    data: {},
    warnings: unusedFunctions(service, entrypoint, `the image of ${entrypoint}`),
  });
}

/** The build context relative to the boundary: the service's root, or the folder that `svc.json` names. Null for none. */
function contextOf({ service, directory, paths }: PlanRequest): string | null {
  const { context } = service.local;
  if (context === undefined) return directory;
  const prefix = service.root === '.' ? directory : directory.slice(0, -service.root.length);
  const path = posix.join(prefix, context).replace(/(.)\/$/, '$1');
  const stats = statSync(join(paths.boundary, path), { throwIfNoEntry: false });
  return stats?.isDirectory() ? path : null;
}

/** What `svc.json` declares for the service: by name, and by the files that hold them. */
function argumentNames({ service, paths }: PlanRequest): string[] {
  const up = service.root === '.' ? paths.root : paths.root.slice(0, -service.root.length);
  const inFiles = service.local.envFiles.flatMap(file => {
    // That it is missing is said where the files are read.
    const text = existsSync(join(up, file)) ? readFileSync(join(up, file), 'utf8') : '';
    return [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/gm)].map(match => match[1] ?? '');
  });
  return [...new Set([...service.local.env, ...inFiles])].sort();
}

function isEngine(name: string): name is (typeof ENGINE_NAMES)[number] {
  return ENGINE_NAMES.some(each => each === name);
}

function contains(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

function contextMissing({ service }: PlanRequest): Failure {
  return {
    code: 'config-invalid-value',
    message: `the build context "${service.local.context}" of container "${service.name}" is not a folder`,
    help: 'The "context" in svc.json is a folder, as seen from the folder of svc.json; "." is the whole project.',
  };
}

function engineUnknown({ service }: PlanRequest, engine: string): Failure {
  return {
    code: 'config-invalid-value',
    message: `svc.json wants the container engine "${engine}" for service "${service.name}", which svc does not know`,
    help: `Write ${ENGINE_NAMES.map(name => `"${name}"`).join(' or ')}, or leave it out to take the one that works.`,
  };
}
