import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DeploymentManifest,
  type Failure,
  type FileEntry,
  failed,
  ok,
  type Result,
  type ServiceOutputConfig,
} from '@svc/contracts';
import type { AssembleRequest } from './assemble.ts';
import { fileEntry, hashFiles } from './digest.ts';
import { isObject, parseJson } from './json.ts';
import { MANIFEST_FILE } from './manifest-file.ts';
import { Pace } from './pace.ts';
import { readDeployment } from './read.ts';
import { DIRECTORY_MODE, type Entry, EXECUTABLE_MODE, FILE_MODE, scanTree } from './scan.ts';
import { checkService, isCheckedText } from './service-check.ts';
import { isErrno } from './writing.ts';

/** A service's tree, read and found good, where it lies before it is put in the deployment. */
export interface Source {
  readonly service: string;
  readonly directory: string;
  /** From the last deployment. */
  readonly kept: boolean;
  /** Kept, not read again, and moved rather than copied where that can be done. */
  readonly intact: boolean;
  /** Files, links and folders, each folder before what is in it; asked for only when the tree is not moved as a whole. */
  readonly entries: () => readonly Entry[];
  /** Relative to `directory`. */
  readonly files: readonly (readonly [string, FileEntry])[];
  readonly config: ServiceOutputConfig;
}

interface Origin {
  readonly service: string;
  readonly directory: string;
  readonly kept: boolean;
}

/** Reads and checks the trees of all services, in declaration order. Every failure of every service, not the first. */
export async function collectSources(
  request: AssembleRequest,
  target: string,
): Promise<Result<readonly Source[]>> {
  const origins = originsOf(request, target);
  const failures: Failure[] = [...sharedFolders(origins)];
  const sources: Source[] = [];
  const pace = new Pace();
  const intact = intactSourcesOf(request, target);
  for (const origin of origins) {
    const known = intact.get(origin.service);
    if (known && origin.kept) {
      sources.push(known);
      continue;
    }
    const read = await readSource(origin, request.project.kind, pace);
    if (read.ok) sources.push(read.value);
    else failures.push(...read.failures);
  }
  if (failures.length > 0) return failed(...failures);
  return ok(sources);
}

function intactSourcesOf({ project, intact }: AssembleRequest, target: string): ReadonlyMap<string, Source> {
  return intact && intact.size > 0 && project.kind === 'services' ? intactSources(target, intact) : new Map();
}

function originsOf(request: AssembleRequest, target: string): Origin[] {
  const { project, outputs, kept } = request;
  return project.services.map(({ name }) => {
    const output = outputs.filter(({ service }) => service === name);
    const [only] = output;
    if (output.length + kept.filter(other => other === name).length !== 1) {
      throw new Error(`service ${name} must have exactly one output or be kept`);
    }
    if (only) return { service: name, directory: only.directory, kept: false };
    const directory = project.kind === 'app' ? target : join(target, 'services', name);
    return { service: name, directory, kept: true };
  });
}

/**
 * The trees of services of which the last deployment's manifest says what they hold. They were found good when they were put
 * where they are.
 */
function intactSources(target: string, services: ReadonlySet<string>): Map<string, Source> {
  const known = new Map<string, [string, FileEntry][]>();
  for (const service of services) known.set(service, []);
  const text = readFileSync(join(target, MANIFEST_FILE), 'utf8');
  const { files } = JSON.parse(text) as DeploymentManifest;
  for (const [path, entry] of Object.entries(files)) {
    if (!path.startsWith(SERVICES)) continue;
    const end = path.indexOf('/', SERVICES.length);
    known.get(path.slice(SERVICES.length, end))?.push([path.slice(end + 1), entry]);
  }
  return new Map(
    [...known].map(([service, listed]) => {
      const directory = join(target, SERVICES, service);
      const config = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as ServiceOutputConfig;
      const entries = () => entriesOf(listed);
      return [service, { service, directory, kept: true, intact: true, entries, files: listed, config }];
    }),
  );
}

const SERVICES = 'services/';

/** Files and links with the folders that hold them, each folder before what is in it. */
function entriesOf(files: readonly (readonly [string, FileEntry])[]): Entry[] {
  const entries: Entry[] = [];
  const folders = new Set<string>();
  for (const [path, file] of files) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) continue;
      folders.add(folder);
      entries.push({ kind: 'directory', path: folder, mode: DIRECTORY_MODE });
    }
    if ('link' in file) entries.push({ kind: 'link', path, target: file.link });
    else
      entries.push({
        kind: 'file',
        path,
        mode: file.executable ? EXECUTABLE_MODE : FILE_MODE,
        size: file.size,
      });
  }
  return entries;
}

/** Two services that were given one folder, or one inside the other's, would claim the same files. */
function sharedFolders(origins: readonly Origin[]): Failure[] {
  // What lies inside a folder comes right behind it, so usually one pass over neighbours shows that there is nothing to tell.
  const sorted = origins.map(({ directory }) => `${directory}/`).sort();
  if (!sorted.some((directory, index) => sorted[index + 1]?.startsWith(directory))) return [];
  return origins.flatMap((origin, index) =>
    origins.slice(0, index).flatMap(other => {
      const nested = `${origin.directory}/`.startsWith(`${other.directory}/`);
      if (!nested && !`${other.directory}/`.startsWith(`${origin.directory}/`)) return [];
      return [
        {
          code: 'output-conflict' as const,
          service: origin.service,
          message: `services "${other.service}" and "${origin.service}" both claim the files in ${nested ? origin.directory : other.directory}`,
        },
      ];
    }),
  );
}

async function readSource(origin: Origin, kind: 'services' | 'app', pace: Pace): Promise<Result<Source>> {
  const { service, directory, kept } = origin;
  let found: readonly Entry[];
  try {
    found = await scanTree(directory, { normalise: !kept, pace });
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return failed(absent(origin));
    throw error;
  }
  const isClaim = ({ path }: Entry) => kind === 'app' && path === MANIFEST_FILE;
  if (!kept && found.some(isClaim)) return failed(manifestClaimed(service));
  const entries = found.filter(entry => !isClaim(entry));
  const recorded = kept && kind === 'app' ? await recordedAppConfig(directory) : undefined;
  if (kept && (kind === 'app' ? !recorded : !entries.some(({ path }) => path === 'config.json'))) {
    return failed(absent(origin));
  }
  const texts = new Map<string, string>();
  const files = entries.filter(entry => entry.kind === 'file');
  const digests = await hashFiles(directory, files, pace, (path, content) => {
    if (isCheckedText(path)) texts.set(path, content.toString());
  });
  const { config, failures } = checkService(service, { entries, texts });
  if (config === undefined || failures.length > 0) return failed(...failures);
  const listed = entries.flatMap(entry => {
    const listing = fileEntry(entry, digests);
    return listing ? [[entry.path, listing] as const] : [];
  });
  return ok({
    service,
    directory,
    kept,
    intact: false,
    entries: () => entries,
    files: listed,
    config: recorded ?? config,
  });
}

/**
 * The app's own `config.json` before the public table was merged into it. Absent when the last deployment was one of
 * services or was made by another tool: then there is nothing that could be kept.
 */
async function recordedAppConfig(directory: string): Promise<ServiceOutputConfig | undefined> {
  const deployment = await readDeployment(directory);
  if (!deployment.ok) return undefined;
  const text = deployment.value.manifest.services[0]?.config;
  const config = typeof text === 'string' ? parseJson(text) : undefined;
  return isObject(config) ? (config as ServiceOutputConfig) : undefined;
}

function absent({ service, kept, directory }: Origin): Failure {
  if (!kept) {
    return {
      code: 'deployment-invalid',
      service,
      message: `service "${service}" left no build output (looked for ${directory})`,
    };
  }
  return {
    code: 'nothing-to-keep',
    service,
    message: `service "${service}" was not built this time, and there is no earlier output of it to keep`,
    help: `Build it once: svc build --filter ${service}, or svc build for all services.`,
  };
}

function manifestClaimed(service: string): Failure {
  return {
    code: 'output-conflict',
    service,
    message: `the build output of service "${service}" holds a ${MANIFEST_FILE} of its own, where svc writes its manifest`,
    help: 'Remove or rename that file.',
  };
}
