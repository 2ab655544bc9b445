import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Result } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';

/** The module of a builder that does not come with svc. */
export interface LocatedPlugin {
  /** As `svc.json` writes it. */
  readonly reference: string;
  /** Absolute path of the module, links resolved. */
  readonly file: string;
  /** Absolute path of the folder that its programs may load from: its package, or the folder of a single file. */
  readonly folder: string;
  /** Name and version of the package that it was installed as; null for one that lies in a repository. */
  readonly installed: { readonly name: string; readonly version: string } | null;
}

/**
 * Finds the module that a builder's reference means: a path (`./tools/lua`, a folder or a file) or a package, looked for in
 * `node_modules` from the project upwards. Nothing is loaded. `undefined` for a package that is not installed.
 *
 * Failures: `builder-not-found` for a path that leads to no module.
 */
export function locatePlugin(reference: string, project: string): Result<LocatedPlugin> | undefined {
  if (isPath(reference)) return atPath(reference, resolve(project, reference));
  for (let folder = project; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', reference);
    if (existsSync(place)) return atPath(reference, place);
    if (dirname(folder) === folder) return undefined;
  }
}

/** Absolute paths at which `locatePlugin` looks for a reference, there or not: when one of them changes, another may be meant. */
export function candidatesFor(reference: string, project: string): string[] {
  if (isPath(reference)) return [resolve(project, reference)];
  const candidates: string[] = [];
  for (let folder = project; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', reference);
    candidates.push(place);
    if (existsSync(place) || dirname(folder) === folder) return candidates;
  }
}

export function isPath(reference: string): boolean {
  return /^(?:\.{1,2}(?:\/|$)|\/)/.test(reference);
}

function atPath(reference: string, place: string): Result<LocatedPlugin> {
  if (!existsSync(place)) {
    return missing(reference, 'is not there', 'The path is relative to the folder of svc.json.');
  }
  const real = realpathSync(place);
  if (statSync(real).isFile()) {
    return ok({ reference, file: real, folder: packageFolder(dirname(real)), installed: null });
  }
  const manifest = readManifest(real);
  const entry = [entryOf(manifest), 'index.mjs', 'index.js'].find(
    name => name !== undefined && existsSync(join(real, name)),
  );
  if (entry === undefined) {
    return missing(
      reference,
      'holds no module',
      'A builder is a folder with an index.mjs, or with a package.json whose "exports" names its module.',
    );
  }
  const { name, version } = manifest;
  const isInstalled = real.split(/[\\/]/).includes('node_modules');
  return ok({
    reference,
    file: realpathSync(join(real, entry)),
    folder: real,
    installed:
      isInstalled && typeof name === 'string' && typeof version === 'string' ? { name, version } : null,
  });
}

function missing(reference: string, problem: string, help: string): Result<never> {
  return failed({ code: 'builder-not-found', message: `the builder "${reference}" ${problem}`, help });
}

/** The nearest folder with a manifest, so that a file in a package may use the package's other files. */
export function packageFolder(folder: string): string {
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) {
      // A whole repository is not part of a builder that lies in one of its folders.
      return existsSync(join(at, '.git')) || existsSync(join(at, 'vercel.json')) ? folder : at;
    }
  }
  return folder;
}

function readManifest(folder: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isRecord(value) ? value : {};
  } catch {
    // None, or not JSON: then the usual names of modules are looked for.
    return {};
  }
}

/** What `exports` (its main entry, for `import`) or `main` names. */
function entryOf(manifest: Readonly<Record<string, unknown>>): string | undefined {
  const named = conditional(
    isRecord(manifest.exports) && '.' in manifest.exports ? manifest.exports['.'] : manifest.exports,
  );
  return named ?? (typeof manifest.main === 'string' ? manifest.main : undefined);
}

function conditional(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return undefined;
  for (const condition of ['node', 'import', 'require', 'default']) {
    const found = conditional(value[condition]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
