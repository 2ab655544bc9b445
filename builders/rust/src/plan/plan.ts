import { posix } from 'node:path';
import type { BuilderPlan, PlanRequest, StepDraft } from '@svc/builder-kit';
import { declaredAt, knownPrograms, settingsFor, tableAt, unusedFunctions } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type BuildInput, type FetchInput, WORK_FOLDER } from '../input.ts';
import { dependencyNames } from '../manifest/dependencies.ts';
import { type PackageGraph, packageGraph } from '../manifest/graph.ts';
import { Manifests } from '../manifest/manifest.ts';
import { targetFiles } from '../manifest/targets.ts';
import { targetTriple } from '../target.ts';
import { cargoSettings } from './cargo-settings.ts';
import { ownBuild } from './own-build.ts';
import { type Candidate, candidatesIn, findProgram } from './programs.ts';

/**
 * Plans a Rust service: `cargo fetch`, then `cargo build --release`, or the service's own build command and the search for
 * what it has made.
 *
 * Failures: `entrypoint-not-found` (no `Cargo.toml`, no program), `entrypoint-invalid` (see `findProgram`; broken TOML).
 */
export async function planRust(request: PlanRequest): Promise<Result<BuilderPlan>> {
  const { service, directory } = request;
  const { boundary } = request.paths;
  const shown = (path: string) => posix.join(service.root, posix.relative(directory, path));
  const manifests = new Manifests(boundary, shown);
  const read = await manifests.in(directory);
  if (!read.ok) return read;
  const root = read.value;
  if (!root) {
    return failed({
      code: 'entrypoint-not-found',
      message: 'this Rust service has no Cargo.toml in its root',
      help: `Make one: cargo init --name ${service.name} ${service.root}`,
      ...declaredAt(service),
    });
  }
  const isOwnBuild = service.buildCommand !== undefined;
  const found = await findProgram(request, manifests, root);
  if (!found.ok && !isOwnBuild) return found;
  const program = found.ok ? found.value : null;
  const graph = await packageGraph(boundary, manifests, program?.manifest ?? root);
  if (!graph.ok) return graph;
  const folder = program?.manifest.folder ?? directory;
  const settings = await cargoSettings(boundary, folder, shown);
  if (!settings.ok) return settings;
  const candidates = await candidatesIn(request, manifests, root);
  if (!candidates.ok) return candidates;

  const entrypoint = program?.file ?? null;
  const functionSettings = entrypoint === null ? {} : settingsFor(service.functions, entrypoint);
  const wanted = targetTriple(functionSettings);
  const inRoot = (path: string) => posix.relative(directory, path) || '.';
  const fetch: FetchInput = {
    root: service.root,
    folder: inRoot(folder),
    workspace: inRoot(graph.value.workspace.folder),
    stubs: (await stubsFor(boundary, graph.value)).map(inRoot),
    packages: graph.value.needed.map(each => ({ folder: inRoot(each.folder), name: each.name ?? '' })),
    targets: [...settings.value.targets, ...(wanted === null ? [] : [wanted])],
  };
  const isRuntimeCrate = dependencyNames(program?.manifest ?? root).includes('vercel_runtime');
  const build: BuildInput = {
    ...fetch,
    program: isOwnBuild || !program ? null : programOf(program, inRoot),
    names: candidates.value.map(({ target }) => target.name),
    known: isOwnBuild ? knownPrograms(request, '.rs') : [],
    isRuntimeCrate,
    strips: tableAt(graph.value.workspace.table, 'profile', 'release').strip === undefined,
    settings: functionSettings,
  };
  return ok({
    entrypoint,
    outputDirectory: null,
    steps: steps(request, fetch, build),
    // A build command uses the folder that cargo uses without being told otherwise.
    caches: isOwnBuild ? [WORK_FOLDER, 'target'] : [WORK_FOLDER],
    inputs: outsideInputs(directory, graph.value, settings.value.files),
    data: { isRuntimeCrate },
    warnings: entrypoint === null ? [] : unusedFunctions(service, entrypoint),
  });
}

function programOf({ manifest, target }: Candidate, inRoot: (path: string) => string): BuildInput['program'] {
  return {
    folder: inRoot(manifest.folder),
    package: manifest.name ?? '',
    name: target.name,
    features: target.features,
  };
}

function steps({ service }: PlanRequest, fetch: FetchInput, build: BuildInput): StepDraft[] {
  const { program } = build;
  const label = program ? `cargo build --release --bin ${program.name}` : 'take the program';
  return [
    {
      kind: 'build',
      label: 'cargo fetch',
      command: { type: 'tool', tool: 'rust/fetch', input: fetch },
      network: true,
    },
    ...(service.buildCommand === undefined ? [] : [ownBuild(service.buildCommand, build)]),
    {
      kind: program ? 'build' : 'bundle',
      label,
      command: { type: 'tool', tool: 'rust/build', input: build },
    },
  ];
}

/** A step doesn't see unrelated services, whose packages may be members of the same workspace. */
async function stubsFor(boundary: string, { known }: PackageGraph): Promise<string[]> {
  return (await Promise.all(known.map(manifest => targetFiles(boundary, manifest)))).flat();
}

/** What the build reads of the project outside the service's root. */
function outsideInputs(directory: string, graph: PackageGraph, settings: readonly string[]): string[] {
  const folders = graph.needed.map(({ folder }) => folder);
  const isBelow = (folder: string, path: string) => folder === '.' || path.startsWith(`${folder}/`);
  // A package that holds the service's own root is read as far as the step sees it; naming it would show all of it.
  const whole = folders.filter(folder => folder !== directory && !isBelow(folder, directory));
  const manifests = [graph.workspace, ...graph.known].map(({ folder }) => posix.join(folder, 'Cargo.toml'));
  const lockfile = posix.join(graph.workspace.folder, 'Cargo.lock');
  const paths = [...whole, ...manifests, lockfile, ...settings];
  return [...new Set(paths)].filter(path => !isBelow(directory, path)).sort();
}
