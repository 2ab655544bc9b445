import { type TomlTable, tableAt, textsIn } from '@svc/builder-kit';

/**
 * The packages of a Pipfile or of a Pipfile.lock (its `default` section) as lines of a requirements file. Both hold, for each
 * name, a version specifier or a table with `version`, `extras`, `markers`, `git` and `ref`, `path` or `file`.
 */
export function requirementsOf(packages: TomlTable): string[] {
  return Object.entries(packages).map(([name, value]) =>
    typeof value === 'string' ? `${name}${specifier(value)}` : requirement(name, tableAt({ value }, 'value')),
  );
}

function requirement(name: string, entry: TomlTable): string {
  const extras = textsIn(entry.extras);
  const full = `${name}${extras.length > 0 ? `[${extras.join(',')}]` : ''}`;
  const markers = text(entry.markers);
  const marker = markers === undefined ? '' : `; ${markers}`;
  const git = text(entry.git);
  if (git !== undefined) {
    const ref = text(entry.ref);
    return `${full} @ ${git.startsWith('git+') ? git : `git+${git}`}${ref === undefined ? '' : `@${ref}`}${marker}`;
  }
  const file = text(entry.file);
  if (file !== undefined) return `${full} @ ${file}${marker}`;
  const path = text(entry.path);
  if (path !== undefined) return path;
  const hashes = textsIn(entry.hashes).map(hash => ` --hash=${hash}`);
  return `${full}${specifier(text(entry.version) ?? '*')}${marker}${hashes.join('')}`;
}

function specifier(version: string): string {
  const plain = version.trim();
  if (plain === '*' || plain === '') return '';
  return /^[\d]/.test(plain) ? `==${plain}` : plain;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
