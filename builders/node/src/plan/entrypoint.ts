import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';
import { BUILT_EXTENSIONS, nodeFramework, PLAIN_NAMES, SOURCE_EXTENSIONS } from '../frameworks.ts';
import { entrypointHints, hintCandidates } from './hints.ts';
import { readSigns, type Signs } from './signs.ts';

/** Where a service starts, or what was looked for in vain. */
export type FoundEntrypoint =
  /** A source file. */
  | { readonly kind: 'source'; readonly path: string }
  /** A file that `package.json` names and that only the build command makes. */
  | { readonly kind: 'built'; readonly path: string }
  | { readonly kind: 'none'; readonly lookedFor: readonly string[] };

/** Folders in which build tools leave their output: a source there is never the entrypoint. */
const OUTPUT_FOLDERS = /^(?:dist|build|out|output|lib)\//;

interface Candidate extends Signs {
  readonly path: string;
}

/**
 * Looks for the entrypoint among the service's sources. In order of preference: a usual name whose file imports the
 * framework and exports a handler or listens; one that does so through a file it imports; one that only imports the
 * framework; what `package.json` names (`scripts.start`, `main`, `exports`), taken back to its source where that exists.
 *
 * @param request the planner's; `files` decides what exists.
 * @param hasBuild whether a build command will run, so that a file may be named before it exists.
 */
export async function findEntrypoint(request: PlanRequest, hasBuild: boolean): Promise<FoundEntrypoint> {
  const framework = nodeFramework(request.framework?.slug ?? null);
  const files = new Set(request.files);
  const bases = framework
    ? [...framework.names, ...framework.names.map(name => `src/${name}`)]
    : PLAIN_NAMES.flatMap(name => [name, `src/${name}`]);
  const paths = bases.flatMap(base => SOURCE_EXTENSIONS.map(extension => `${base}.${extension}`));
  const read = async (path: string): Promise<Candidate> => ({
    path,
    ...readSigns(await readFile(posix.join(request.paths.root, path), 'utf8'), framework?.imports ?? []),
  });
  const candidates = await Promise.all(paths.filter(path => files.has(path)).map(read));

  const source = framework
    ? await bestOfFramework(candidates, files, read)
    : candidates.find(candidate => candidate.answers);
  if (source) return { kind: 'source', path: source.path };

  const hints = entrypointHints(request.packageJson);
  for (const hint of hints) {
    const path = [...hintCandidates(hint, SOURCE_EXTENSIONS), ...sourcesOf(hint)].find(each =>
      files.has(each),
    );
    if (path !== undefined && !(hasBuild && OUTPUT_FOLDERS.test(path))) return { kind: 'source', path };
  }
  const built = hints.find(hint => hasBuild && isBuiltFile(hint));
  if (built !== undefined) return { kind: 'built', path: built };
  return { kind: 'none', lookedFor: [...paths, ...hints] };
}

async function bestOfFramework(
  candidates: readonly Candidate[],
  files: ReadonlySet<string>,
  read: (path: string) => Promise<Candidate>,
): Promise<Candidate | undefined> {
  const direct = candidates.find(candidate => candidate.importsFramework && candidate.answers);
  if (direct) return direct;
  for (const candidate of candidates) {
    if (candidate.answers && (await reachesFramework(candidate, files, read))) return candidate;
  }
  return candidates.find(candidate => candidate.importsFramework);
}

/** Whether some file that the candidate imports, directly or through others of its own, imports the framework. */
async function reachesFramework(
  candidate: Candidate,
  files: ReadonlySet<string>,
  read: (path: string) => Promise<Candidate>,
): Promise<boolean> {
  const seen = new Set([candidate.path]);
  const queue: Candidate[] = [candidate];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const folder = posix.dirname(next.path);
    for (const specifier of next.relativeImports) {
      const base = posix.join(folder, specifier);
      const path = [
        ...hintCandidates(base, SOURCE_EXTENSIONS),
        ...hintCandidates(base.replace(/\.([cm]?)js$/, '.$1ts'), SOURCE_EXTENSIONS),
      ].find(each => files.has(each));
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      const imported = await read(path);
      if (imported.importsFramework) return true;
      queue.push(imported);
    }
  }
  return false;
}

/** The sources from which a build may have made `dist/server.js`: `src/server.ts`, `server.ts`, … */
function sourcesOf(hint: string): string[] {
  if (!OUTPUT_FOLDERS.test(hint)) return [];
  const inner = hint.replace(OUTPUT_FOLDERS, '').replace(/\.[cm]?js$/, '');
  const bases = inner.startsWith('src/') ? [inner] : [`src/${inner}`, inner];
  return bases.flatMap(base => SOURCE_EXTENSIONS.map(extension => `${base}.${extension}`));
}

function isBuiltFile(hint: string): boolean {
  return BUILT_EXTENSIONS.some(extension => hint.endsWith(`.${extension}`));
}
