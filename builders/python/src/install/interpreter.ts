import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import type { VersionWish } from '../input.ts';
import { parseRelease, satisfies } from '../versions/specifier.ts';

export interface Interpreter {
  /** Absolute path of the real program, not of a version manager's stand-in. */
  readonly executable: string;
  /** `3.11.7` */
  readonly version: string;
  /** `3.11`: what compiled packages fit. */
  readonly minor: string;
  /** Implementation and platform: `cpython linux-x86_64`. */
  readonly platform: string;
}

/** The oldest Python whose servers svc has; the newest is only where the search by name starts. */
const OLDEST_MINOR = 9;
const NEWEST_MINOR = 15;

const PROBE = [
  'import json, platform, sys, sysconfig',
  'print(json.dumps([sys.executable, platform.python_version(), sys.implementation.name, sysconfig.get_platform()]))',
].join('\n');

/**
 * The first interpreter on `PATH` that satisfies every wish. `python3` comes first, but for a wish that means one minor
 * version, whose own name (`python3.12`) is tried before. Stand-ins that lead nowhere, as pyenv leaves them, are passed over.
 *
 * Failure: `tool-missing`, with the wish that could not be granted and the interpreters that were found.
 */
export async function findInterpreter(
  wishes: readonly VersionWish[],
  cwd: string,
  path = process.env.PATH ?? '',
): Promise<Result<Interpreter>> {
  const found: Interpreter[] = [];
  const folders = path.split(delimiter).filter(folder => folder !== '');
  for (const name of namesToTry(wishes)) {
    for (const folder of folders) {
      const file = join(folder, name);
      const interpreter = existsSync(file) ? await probe(file, cwd) : undefined;
      if (!interpreter || found.some(each => isSame(each, interpreter))) continue;
      if (fits(interpreter, wishes)) return ok(interpreter);
      found.push(interpreter);
    }
  }
  return failed(noneFits(wishes, found));
}

/** Systems have one program under several names and, where `/bin` is a link, in several folders. */
function isSame(a: Interpreter, b: Interpreter): boolean {
  return realpathSync(a.executable) === realpathSync(b.executable);
}

function namesToTry(wishes: readonly VersionWish[]): string[] {
  const pinned = wishes.flatMap(({ specifier }) => /^==3\.(\d+)/.exec(specifier)?.[1] ?? []);
  const minors = Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, index) => NEWEST_MINOR - index);
  const names = [
    ...pinned.map(minor => `python3.${minor}`),
    'python3',
    'python',
    ...minors.map(minor => `python3.${minor}`),
  ];
  return [...new Set(names)];
}

async function probe(file: string, cwd: string): Promise<Interpreter | undefined> {
  const end = await runProgram(file, ['-I', '-c', PROBE], { cwd, shown: false });
  if (end.status !== 0) return undefined;
  const line = end.output.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('[')) return undefined;
  const [executable = '', version = '', implementation = '', platform = ''] = JSON.parse(line) as string[];
  const minor = version.split('.').slice(0, 2).join('.');
  return { executable, version, minor, platform: `${implementation} ${platform}` };
}

function fits({ version }: Interpreter, wishes: readonly VersionWish[]): boolean {
  const release = parseRelease(version) ?? [];
  const specifiers = [`>=3.${OLDEST_MINOR}`, ...wishes.map(({ specifier }) => specifier)];
  return specifiers.every(specifier => satisfies(release, specifier) === true);
}

function noneFits(wishes: readonly VersionWish[], found: readonly Interpreter[]): Failure {
  const [first] = found;
  const release = parseRelease(first?.version ?? '') ?? [];
  const refused = wishes.find(({ specifier }) => satisfies(release, specifier) !== true) ?? wishes[0];
  const needed = refused ? ` (${refused.writtenIn})` : ` 3.${OLDEST_MINOR} or newer`;
  const names = found.map(({ version, executable }) => `Python ${version} (${executable})`);
  const message =
    names.length === 0
      ? `Python${needed} is not on this machine: no python3 or python on PATH can be started`
      : names.length === 1
        ? `the service needs another Python${needed} than the interpreter found, ${names[0]}`
        : `the service needs another Python${needed} than the interpreters found, ${names.join(', ')}`;
  return {
    code: 'tool-missing',
    message,
    help: helpFor(refused),
    ...(refused ? { position: refused.position } : {}),
  };
}

function helpFor(refused: VersionWish | undefined): string {
  const minor = /3\.\d+/.exec(refused?.specifier ?? '')?.[0];
  const name = minor === undefined ? 'Python 3' : `Python ${minor}`;
  const way = `Install ${name} so that ${minor === undefined ? 'python3' : `python${minor}`} is on PATH, for example with pyenv or \`uv python install${minor === undefined ? '' : ` ${minor}`}\``;
  return refused ? `${way}, or change what the service asks for.` : `${way}.`;
}
