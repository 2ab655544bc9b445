import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { BuilderPlan, PlanRequest } from '@svc/builder-kit';
import { declaredAt, unusedFunctions } from '@svc/builder-kit';
import { type Failure, failed, type JsonObject, ok, type Result } from '@svc/contracts';
import type { BundleInput } from '../input.ts';
import { buildStep } from './build-step.ts';
import { edgeFunction, edgeSource } from './edge.ts';
import { type FoundEntrypoint, findEntrypoint } from './entrypoint.ts';
import { DEFAULT_NODE_MAJOR, nodeMajor } from './node-version.ts';
import { unusableEngines } from './notices.ts';
import { declaresEdge } from './signs.ts';

/**
 * Plans a Node service: its build command, if it has one, then the bundling of its entrypoint.
 *
 * Failures: `entrypoint-not-found` (lists what was looked for), `entrypoint-invalid` (Python's `module:attr` form),
 * `edge-unsupported`.
 */
export async function planNode(request: PlanRequest): Promise<Result<BuilderPlan>> {
  const { service } = request;
  const build = buildStep(request);
  const explicit = request.entrypoint ?? service.entrypoint;
  const found = await chooseEntrypoint(request, explicit, build !== undefined);
  const entrypoint = found.kind === 'none' ? null : found.path;
  const failures = [
    ...malformed(request),
    ...(found.kind === 'none' && service.outputDirectory === undefined ? [notFound(request, found)] : []),
    ...edgeFunction(service, entrypoint),
    ...(await edgeEntrypoint(request, entrypoint)),
  ];
  if (failures.length > 0) return failed(...failures);

  const engines = enginesOf(request.packageJson);
  const input: BundleInput = {
    entrypoint,
    outputDirectory: explicit === undefined ? (service.outputDirectory ?? null) : null,
    built: build !== undefined,
    project: projectFolder(request),
    framework: request.framework?.slug ?? null,
    nodeVersion: nodeMajor(engines) ?? DEFAULT_NODE_MAJOR,
    functions: JSON.parse(JSON.stringify(service.functions)) as JsonObject,
  };
  return ok({
    entrypoint,
    outputDirectory: service.outputDirectory ?? null,
    steps: [
      ...(build ? [build] : []),
      {
        kind: 'bundle',
        label: `bundle ${entrypoint ?? service.outputDirectory}`,
        command: { type: 'tool', tool: 'node/bundle', input },
      },
    ],
    caches: [],
    data: {},
    warnings: [
      ...(entrypoint === null ? [] : unusedFunctions(service, entrypoint)),
      ...unusableEngines(engines),
    ],
  });
}

/** An entrypoint in the configuration wins over whatever else there is, whether it exists yet or not. */
async function chooseEntrypoint(
  request: PlanRequest,
  explicit: string | undefined,
  hasBuild: boolean,
): Promise<FoundEntrypoint> {
  if (explicit !== undefined) return { kind: 'source', path: posix.normalize(explicit) };
  return findEntrypoint(request, hasBuild);
}

function malformed({ service, handler }: PlanRequest): Failure[] {
  const position = service.positions.entrypoint;
  const configured = service.entrypoint ?? '';
  if (handler === null && !/^[\w.]+:\w+$/.test(configured)) return [];
  return [
    {
      code: 'entrypoint-invalid',
      message: `"${configured}" is the form of a Python entrypoint (module:attribute); a Node service starts from a file`,
      help: 'Write the path of a file relative to the service\'s root, such as "entrypoint": "src/server.ts".',
      ...(position ? { position } : {}),
    },
  ];
}

function notFound(request: PlanRequest, found: { lookedFor: readonly string[] }): Failure {
  const name = request.framework?.name ?? 'Node';
  const bases = [...new Set(found.lookedFor.map(path => path.replace(/\.[cm]?[jt]s$/, '')))];
  return {
    code: 'entrypoint-not-found',
    message: `no file of this ${name} service looks like its entrypoint`,
    help: [
      `Looked for ${bases.join(', ')} with .ts, .mts, .cts, .js, .mjs or .cjs, that ${
        request.framework && request.framework.slug !== 'node'
          ? `imports ${name} and exports the app or listens`
          : 'exports a handler or listens'
      }, and for what package.json names in "scripts.start", "main" and "exports".`,
      'Name the file: "entrypoint": "path/to/file.ts".',
    ].join('\n'),
    ...declaredAt(request.service),
  };
}

async function edgeEntrypoint(request: PlanRequest, entrypoint: string | null): Promise<Failure[]> {
  if (entrypoint === null || !request.files.includes(entrypoint)) return [];
  const source = await readFile(posix.join(request.paths.root, entrypoint), 'utf8');
  if (!declaresEdge(source)) return [];
  const folder = request.service.root === '.' ? '' : `${request.service.root}/`;
  return [edgeSource(`${folder}${entrypoint}`, source)];
}

function enginesOf(packageJson: JsonObject | null): string | undefined {
  const engines = packageJson?.engines;
  if (typeof engines !== 'object' || engines === null || Array.isArray(engines)) return undefined;
  const node = (engines as JsonObject).node;
  return typeof node === 'string' ? node : undefined;
}

/** Path from the boundary to the project: the service's folder without the root that the project knows it by. */
function projectFolder({ directory, service }: PlanRequest): string {
  if (service.root === '.') return directory;
  return posix.normalize(directory.slice(0, -service.root.length) || '.').replace(/(.)\/$/, '$1');
}
