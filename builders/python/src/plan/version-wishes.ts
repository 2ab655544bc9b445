import { tableAt } from '@svc/builder-kit';
import type { Result } from '@svc/contracts';
import { type Failure, failed, ok } from '@svc/contracts';
import type { VersionWish } from '../input.ts';
import { parseManifest } from '../parse.ts';
import { parseRelease, satisfies, specifierOfVersion } from '../versions/specifier.ts';
import type { Pyproject } from './pyproject.ts';
import type { ServiceFiles } from './service-files.ts';

/**
 * What the service says about the version of Python: `.python-version` (in the root or above), `requires-python`, and
 * `python_version` or `python_full_version` of a Pipfile. All of them must hold.
 */
export async function versionWishes(
  files: ServiceFiles,
  pyproject: Pyproject | undefined,
): Promise<Result<VersionWish[]>> {
  const wishes: VersionWish[] = [];
  const failures: Failure[] = [];
  const add = (specifier: string, wish: Omit<VersionWish, 'specifier'>) => {
    if (satisfies([3, 12, 0], specifier) === undefined) {
      failures.push({
        code: 'tool-missing',
        message: `"${specifier}", ${wish.writtenIn}, is no version specifier`,
        help: 'Write one such as ">=3.11" or ">=3.11,<3.14".',
        position: wish.position,
      });
    } else wishes.push({ specifier, ...wish });
  };

  const pinned = await files.nearest('.python-version');
  const line = pinned?.text.split('\n').find(each => each.trim() !== '' && !each.startsWith('#'));
  const specifier = specifierOfVersion(line ?? '');
  if (pinned && line !== undefined && specifier !== undefined) {
    add(specifier, {
      writtenIn: `.python-version says ${line.trim()}`,
      position: files.place(pinned.path, pinned.text, line),
    });
  }
  if (pyproject?.requiresPython !== undefined) {
    add(pyproject.requiresPython, {
      writtenIn: `requires-python in pyproject.toml is "${pyproject.requiresPython}"`,
      position: files.place('pyproject.toml', pyproject.text, pyproject.requiresPython),
    });
  }
  const pipfile = await files.read('Pipfile');
  if (pipfile !== undefined) {
    const parsed = parseManifest(pipfile, files.shown('Pipfile'));
    if (!parsed.ok) return parsed;
    const requires = tableAt(parsed.value, 'requires');
    const version = String(requires.python_full_version ?? requires.python_version ?? '');
    if (parseRelease(version)) {
      add(specifierOfVersion(version) ?? version, {
        writtenIn: `Pipfile requires Python ${version}`,
        position: files.place('Pipfile', pipfile, version),
      });
    }
  }
  return failures.length > 0 ? failed(...failures) : ok(wishes);
}
