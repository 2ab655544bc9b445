import { type TomlTable, tableAt } from '@svc/builder-kit';
import { type Failure, failed, type Notice, ok, type Result } from '@svc/contracts';
import type { DependencySource } from '../input.ts';
import { normalisedName, requirementName } from '../names.ts';
import { parseManifest } from '../parse.ts';
import type { Pyproject } from './pyproject.ts';
import type { ServiceFiles } from './service-files.ts';

export interface Dependencies {
  readonly source: DependencySource;
  /** The file for people; null when there is nothing to install. */
  readonly shown: string | null;
  readonly warnings: readonly Notice[];
}

/**
 * Where the dependencies are written down, by the first of these that is there: `uv.lock` (with a `pyproject.toml` that has
 * a project), `pyproject.toml`, `requirements.txt`, `Pipfile.lock`, `Pipfile`, `setup.py`.
 *
 * Failures: `install-failed` for a lockfile that lacks a dependency or can't be read, `package-manager-missing` for
 * dependencies that are listed only for Poetry.
 */
export async function chooseDependencies(
  files: ServiceFiles,
  pyproject: Pyproject | undefined,
): Promise<Result<Dependencies>> {
  const lock = pyproject?.hasProject ? await files.nearest('uv.lock') : undefined;
  if (pyproject && lock) {
    const missing = missingFromUvLock(files, pyproject, lock);
    if (!missing.ok) return missing;
    if (missing.value.length > 0) return failed(...missing.value);
    return chosen(files, { kind: 'uv-lock', file: lock.path }, lock.path);
  }
  if (pyproject?.hasDynamicDependencies) {
    return chosen(files, { kind: 'project', file: 'pyproject.toml' }, 'pyproject.toml');
  }
  if (pyproject?.dependencies && (pyproject.dependencies.length > 0 || !files.has('requirements.txt'))) {
    return chosen(files, { kind: 'pyproject' }, 'pyproject.toml');
  }
  if (files.has('requirements.txt')) return chosen(files, { kind: 'requirements' }, 'requirements.txt');
  if (files.has('Pipfile.lock')) {
    const missing = await missingFromPipfileLock(files);
    if (!missing.ok) return missing;
    if (missing.value.length > 0) return failed(...missing.value);
    return chosen(files, { kind: 'pipfile-lock' }, 'Pipfile.lock');
  }
  if (files.has('Pipfile')) return chosen(files, { kind: 'pipfile' }, 'Pipfile');
  if (pyproject?.isPoetryOnly) return failed(poetryOnly(files, pyproject));
  if (files.has('setup.py')) return chosen(files, { kind: 'project', file: 'setup.py' }, 'setup.py');
  return ok({ source: { kind: 'none' }, shown: null, warnings: [] });
}

function chosen(files: ServiceFiles, source: DependencySource, shown: string): Result<Dependencies> {
  const isOverridden =
    shown !== 'requirements.txt' && files.has('requirements.txt') && source.kind !== 'project';
  if (!isOverridden) return ok({ source, shown, warnings: [] });
  const notice: Notice = {
    code: 'requirements-not-read',
    message: `requirements.txt is not read: the dependencies come from ${shown}`,
    help: 'Remove one of the two, so that they cannot differ.',
  };
  return ok({ source, shown, warnings: [notice] });
}

function missingFromUvLock(
  files: ServiceFiles,
  pyproject: Pyproject,
  lock: { readonly path: string; readonly text: string },
): Result<Failure[]> {
  const parsed = parseManifest(lock.text, files.shown(lock.path));
  if (!parsed.ok) return parsed;
  const listed = (Array.isArray(parsed.value.package) ? parsed.value.package : []) as TomlTable[];
  const names = new Set(listed.map(each => normalisedName(String(each.name))));
  return ok(
    (pyproject.dependencies ?? [])
      .filter(requirement => !names.has(requirementName(requirement) ?? ''))
      .map(requirement => ({
        code: 'install-failed',
        message: `${files.shown(lock.path)} does not list "${requirementName(requirement)}", which pyproject.toml depends on`,
        help: 'Run `uv lock` and commit uv.lock.',
        position: files.place('pyproject.toml', pyproject.text, requirement),
      })),
  );
}

async function missingFromPipfileLock(files: ServiceFiles): Promise<Result<Failure[]>> {
  const [pipfile, lock] = await Promise.all([files.read('Pipfile'), files.read('Pipfile.lock')]);
  const locked = pipfileLockPackages(files, lock ?? '');
  if (!locked.ok || pipfile === undefined) return locked.ok ? ok([]) : locked;
  const parsed = parseManifest(pipfile, files.shown('Pipfile'));
  if (!parsed.ok) return parsed;
  return ok(
    Object.keys(tableAt(parsed.value, 'packages'))
      .filter(name => !locked.value.has(normalisedName(name)))
      .map(name => ({
        code: 'install-failed',
        message: `${files.shown('Pipfile.lock')} does not list "${name}", which Pipfile depends on`,
        help: 'Run `pipenv lock` and commit Pipfile.lock.',
        position: files.place('Pipfile', pipfile, name),
      })),
  );
}

function pipfileLockPackages(files: ServiceFiles, text: string): Result<ReadonlySet<string>> {
  try {
    return ok(new Set(Object.keys(tableAt(JSON.parse(text) as TomlTable, 'default')).map(normalisedName)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failed({
      code: 'install-failed',
      message: `${files.shown('Pipfile.lock')} is not valid JSON: ${error.message}`,
      help: 'Run `pipenv lock` to write it anew.',
      position: { file: files.shown('Pipfile.lock'), line: 1, column: 1 },
    });
  }
}

function poetryOnly(files: ServiceFiles, pyproject: Pyproject): Failure {
  return {
    code: 'package-manager-missing',
    message: 'pyproject.toml lists its dependencies in the form that only Poetry reads',
    help: [
      'List them in the standard form, which Poetry 2 reads too:',
      '  [project]',
      '  dependencies = ["fastapi>=0.115"]',
      'or write a requirements.txt with `poetry export --output requirements.txt`.',
    ].join('\n'),
    position: files.place('pyproject.toml', pyproject.text, '[tool.poetry.dependencies]'),
  };
}
