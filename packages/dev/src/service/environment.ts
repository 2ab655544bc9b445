import { posix } from 'node:path';
import type { DevelopedService } from '@svc/planner';
import { NOT_PASSED } from '@svc/runtime';

/** What must not reach a service: who started svc, and svc's own. */
const HIDDEN: ReadonlySet<string> = new Set([...NOT_PASSED, 'SVC_RUN', 'SVC_STEP_TREE']);

export interface EnvironmentSources {
  /** Absolute path of the boundary. */
  readonly boundary: string;
  /** The environment of svc. */
  readonly caller: Readonly<Record<string, string | undefined>>;
  /** From the project's `.env`. */
  readonly dotenv: Readonly<Record<string, string>>;
  /** From the files that svc.json declares for the service. */
  readonly declared: Readonly<Record<string, string>>;
  readonly bindings: Readonly<Record<string, string>>;
  /** Whether output goes to a terminal that shows colours. */
  readonly color: boolean;
}

/**
 * A service's environment but for `PORT`. Later ones win: `.env`, files of svc.json, svc's own environment (the vendor's order:
 * section 7 of the services reference), what the platform sets, the builder's, the bindings.
 */
export function serviceEnvironment(
  { directory, development }: Pick<DevelopedService, 'directory' | 'development'>,
  { boundary, caller, dotenv, declared, bindings, color }: EnvironmentSources,
): Record<string, string> {
  const passed = passedOn(caller);
  const programs = [...(development.programs ?? []), ...binFolders(boundary, directory)];
  const hasColorWish = 'NO_COLOR' in passed || 'FORCE_COLOR' in passed;
  return {
    NODE_ENV: 'development',
    ...dotenv,
    ...declared,
    ...passed,
    VERCEL: '1',
    VERCEL_ENV: 'development',
    VERCEL_REGION: 'dev1',
    NOW_REGION: 'dev1',
    // Development servers like to open one, each its own.
    BROWSER: 'none',
    ...(color && !hasColorWish ? { FORCE_COLOR: '1' } : {}),
    ...development.env,
    ...bindings,
    PATH: [...programs, passed.PATH ?? ''].join(':'),
  };
}

/** The caller's environment without what is svc's own. */
export function passedOn(caller: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(caller).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !HIDDEN.has(entry[0]),
  );
  return Object.fromEntries(entries);
}

/** `node_modules/.bin` of a folder and of those above it, up to the boundary. */
export function binFolders(boundary: string, directory: string): string[] {
  const folders: string[] = [];
  for (let folder = directory; ; folder = posix.dirname(folder)) {
    folders.push(posix.join(boundary, folder, 'node_modules', '.bin'));
    if (folder === '.') return folders;
  }
}
