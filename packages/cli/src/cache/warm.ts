import { existsSync, utimesSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import {
  areInputsUnchanged,
  isOutputIntact,
  type LastBuild,
  type LastBuildHeader,
  readLastBuild,
} from '@svc/cache/warm';
import { CONFIG_FILES } from '@svc/config/names';
import type { SvcEvent } from '@svc/contracts';
import type { BuildOptions } from '../build/options.ts';
import { elapsed } from '../elapsed.ts';
import { circumstances, currentVariables } from './circumstances.ts';

/** Where a project keeps what its last finished build was made from. */
export function lastBuildFile(project: string): string {
  return join(project, '.svc', 'last-build');
}

/** A last build whose inputs are all as they were. */
export interface SameInputs {
  readonly last: LastBuild;
  readonly file: string;
  /** Whether the deployment is as it was as well. */
  readonly isIntact: boolean;
  /** What such a build has to say. */
  events(): readonly SvcEvent[];
}

/**
 * Whether a build would give the last deployment, be it still there or not. Runs before anything else is loaded, starts no
 * process and reads no source.
 */
export function sameInputs(options: BuildOptions): SameInputs | undefined {
  if (!options.cache.output || options.filter || options.isolation === 'none') return undefined;
  const project = nearestProject(resolve(options.directory));
  const file = lastBuildFile(project);
  const last = readLastBuild(file);
  if (!last) return undefined;
  const target = lastTarget(options, project);
  if (last.header.target !== target) return undefined;
  const isSame = areInputsUnchanged(last, {
    ...surroundings(options, target),
    sha256: text => process.getBuiltinModule('node:crypto').hash('sha256', text, 'buffer'),
  });
  if (!isSame) return undefined;
  return { last, file, isIntact: isOutputIntact(last), events: () => eventsOf(last.header) };
}

/**
 * The build that is over before it begins: nothing has changed since the last one. It changes nothing but the time of the
 * record, by which `svc explain` knows that this run was the last.
 */
export function noteUnchanged({ file, events }: SameInputs): readonly SvcEvent[] {
  const now = new Date();
  utimesSync(file, now, now);
  return events();
}

export function lastTarget(options: BuildOptions, project: string): string {
  return options.output ? resolve(options.output) : join(project, '.vercel', 'output');
}

/** What a build depends on that is neither file nor folder of the project. */
export function surroundings(options: BuildOptions, target: string) {
  return {
    circumstances: circumstances(options, target),
    variables: (watched: LastBuildHeader['variables']) => currentVariables(watched, signingKeyIfSet()),
  };
}

/** A key that is refused is the full build's to report. */
function signingKeyIfSet(): Buffer | null {
  const { SVC_CACHE_KEY: key, SVC_CACHE_KEY_FILE: file } = process.env;
  if (key) return Buffer.from(key);
  if (!file) return null;
  try {
    return Buffer.from(process.getBuiltinModule('node:fs').readFileSync(file, 'utf8').trim());
  } catch {
    return null;
  }
}

/** As `findProject` does; two files at once in a folder are noticed there, since the folder's names then changed. */
export function nearestProject(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (CONFIG_FILES.some(name => existsSync(join(folder, name)))) return folder;
    if (dirname(folder) === folder) return start;
  }
}

function eventsOf(header: LastBuildHeader): SvcEvent[] {
  const { notices, services, routes, unpromised, deployment, target } = header;
  const short = relative(process.cwd(), target);
  return [
    ...notices.map(notice => ({ type: 'warning' as const, notice })),
    {
      type: 'run.finished',
      summary: {
        ok: true,
        unchanged: true,
        duration: Math.round(elapsed()),
        output: short.startsWith('..') ? target : short || '.',
        deployment,
        services: services.map(({ name, size }) => ({ name, state: 'kept' as const, duration: 0, size })),
        routes,
        failures: [],
        unpromised,
      },
    },
  ];
}
