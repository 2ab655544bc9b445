import { type TomlTable, tableAt } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { normalisedName } from '../names.ts';

/**
 * What pip can be told of a `uv.lock`: a constraint for each package that has one version. Packages that are locked at
 * several versions, each for other platforms or Pythons, are left to pip.
 *
 * Failure: `tool-missing` when something comes from a folder, a repository or an address, which only uv looks up.
 */
export function constraintsOf(lock: TomlTable): Result<string[]> {
  const packages = (Array.isArray(lock.package) ? lock.package : []) as TomlTable[];
  const versions = new Map<string, Set<string>>();
  const elsewhere: string[] = [];
  for (const entry of packages) {
    const source = tableAt(entry, 'source');
    const isItself = ['editable', 'virtual'].some(kind => source[kind] === '.');
    if (isItself) continue;
    const name = normalisedName(String(entry.name));
    if (!('registry' in source)) elsewhere.push(name);
    versions.set(name, (versions.get(name) ?? new Set()).add(String(entry.version)));
  }
  if (elsewhere.length > 0) return failed(needsUv(elsewhere));
  return ok([...versions].flatMap(([name, all]) => (all.size === 1 ? [`${name}==${[...all][0]}`] : [])));
}

function needsUv(names: readonly string[]): Failure {
  return {
    code: 'tool-missing',
    message: `uv.lock takes ${names.join(', ')} from a folder or a repository, which needs uv, and uv is not on PATH`,
    help: 'Install uv: https://docs.astral.sh/uv/getting-started/installation/',
  };
}
