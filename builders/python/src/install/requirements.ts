import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type TomlTable, tableAt, textsIn } from '@svc/builder-kit';
import { ok, type Result } from '@svc/contracts';
import type { DependencySource, Installer } from '../input.ts';
import { parseManifest } from '../parse.ts';
import { requirementsOf } from './pipfile.ts';
import { constraintsOf } from './uv-lock.ts';

/** What an installer is to be given. */
export interface Requirements {
  /** A file of the service's to install from as it is. */
  readonly file?: string;
  /** Lines of a requirements file to write. */
  readonly lines?: readonly string[];
  /** Lines of a constraints file to write. */
  readonly constraints?: readonly string[];
  /** Whether `uv export` makes the file. */
  readonly exported?: true;
  /** Whether the project in the service's root is itself installed. */
  readonly project?: true;
  /** Everything that the result follows from, as far as files tell. */
  readonly inputs: readonly string[];
  /** Whether sources that lie in the project are installed, which may have changed without any of these files. */
  readonly isLocal: boolean;
}

/** Reads what is to be installed; `undefined` for nothing. */
export async function readRequirements(
  source: DependencySource,
  installer: Installer,
  root: string,
): Promise<Result<Requirements | undefined>> {
  const read = (file: string) => readFile(join(root, file), 'utf8');
  switch (source.kind) {
    case 'none':
      return ok(undefined);
    case 'project':
      return ok({ project: true, inputs: [], isLocal: true });
    case 'requirements':
      return ok(await fromRequirementsFile(root));
    case 'pyproject':
      return fromPyproject(await read('pyproject.toml'), installer);
    case 'uv-lock':
      return fromUvLock(source.file, await read(source.file), await read('pyproject.toml'), installer);
    case 'pipfile-lock': {
      const text = await read('Pipfile.lock');
      return ok(fromLines(requirementsOf(tableAt(JSON.parse(text) as TomlTable, 'default'))));
    }
    case 'pipfile': {
      const parsed = parseManifest(await read('Pipfile'), 'Pipfile');
      return parsed.ok ? ok(fromLines(requirementsOf(tableAt(parsed.value, 'packages')))) : parsed;
    }
  }
}

function fromLines(lines: readonly string[]): Requirements {
  return { lines, inputs: lines, isLocal: lines.some(isLocal) };
}

function fromPyproject(text: string, installer: Installer): Result<Requirements> {
  const parsed = parseManifest(text, 'pyproject.toml');
  if (!parsed.ok) return parsed;
  const lines = textsIn(tableAt(parsed.value, 'project').dependencies);
  if (installer === 'pip') return ok(fromLines(lines));
  const uv = tableAt(parsed.value, 'tool', 'uv');
  const inputs = [...lines, JSON.stringify(uv)];
  return ok({ file: 'pyproject.toml', inputs, isLocal: 'sources' in uv });
}

function fromUvLock(
  file: string,
  text: string,
  pyproject: string,
  installer: Installer,
): Result<Requirements> {
  const lock = parseManifest(text, file);
  if (!lock.ok) return lock;
  if (installer === 'uv') {
    const isLocalLock = /source = \{ (?:editable|directory|virtual|path) = "(?!\.")/.test(text);
    return ok({ exported: true, inputs: [text, pyproject], isLocal: isLocalLock });
  }
  const parsed = parseManifest(pyproject, 'pyproject.toml');
  if (!parsed.ok) return parsed;
  const constraints = constraintsOf(lock.value);
  if (!constraints.ok) return constraints;
  const lines = textsIn(tableAt(parsed.value, 'project').dependencies);
  return ok({
    lines,
    constraints: constraints.value,
    inputs: [...lines, text],
    isLocal: lines.some(isLocal),
  });
}

const EDITABLE = /^(\s*)(?:-e|--editable)(?:\s+|=)/;
const INCLUDED = /^\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)/;

/**
 * A `requirements.txt` with those it includes. A line that installs in editable form is installed in the ordinary one: an
 * editable package leads back to where its sources lie.
 */
async function fromRequirementsFile(root: string): Promise<Requirements> {
  const texts = new Map<string, string>();
  const queue = ['requirements.txt'];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (texts.has(file) || /^[a-z+]+:/i.test(file)) continue;
    const text = await readIfThere(join(root, file));
    if (text === undefined) continue;
    texts.set(file, text);
    for (const line of text.split('\n')) {
      const included = INCLUDED.exec(line)?.[1];
      if (included !== undefined) queue.push(posix.join(posix.dirname(file), included));
    }
  }
  const lines = [...texts.values()].flatMap(text => text.split('\n'));
  const own = (texts.get('requirements.txt') ?? '').split('\n');
  const base = { inputs: [...texts].flat(), isLocal: lines.some(isLocal) };
  if (!own.some(line => EDITABLE.test(line))) return { ...base, file: 'requirements.txt' };
  return { ...base, lines: own.map(line => line.replace(EDITABLE, '$1')) };
}

function isLocal(line: string): boolean {
  const plain = line.replace(EDITABLE, '').trim();
  return (
    EDITABLE.test(line) ||
    /^(?:\.{0,2}\/|\.$|\.\[|file:)/.test(plain) ||
    /@\s*(?:file:|\.{0,2}\/)/.test(plain)
  );
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    // A file that is included and not there is the installer's to complain about.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
