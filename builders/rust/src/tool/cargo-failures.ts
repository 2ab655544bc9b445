import { isAbsolute, join } from 'node:path';
import { lastLines, readIfThere } from '@svc/builder-kit';
import type { Failure, FailureCode, Position } from '@svc/contracts';
import type { FetchInput } from '../input.ts';
import type { RunEnd } from './run.ts';
import { shownPath } from './shown-path.ts';
import { missingRust } from './toolchain.ts';

/** Where cargo ran, to turn its paths into those that the user would type. */
export interface CargoPlace {
  readonly input: FetchInput;
  /** Absolute paths of the service's root and of the project's boundary. */
  readonly root: string;
  readonly boundary: string;
}

/** What cargo itself complained of: manifests, the lockfile, dependencies, build scripts. */
export async function cargoFailure(end: RunEnd, code: FailureCode, place: CargoPlace): Promise<Failure> {
  if (end.startError) return missingRust(end.startError);
  const lines = end.stderr.split('\n').filter(line => line.trim() !== '');
  const first = Math.max(
    0,
    lines.findIndex(line => line.startsWith('error')),
  );
  const told = lines.slice(first);
  const text = told.join('\n');
  const output = lastLines(end.stderr);
  const lockfile = await lockfileFailure(text, code, place);
  const dependency = lockfile ?? (await dependencyFailure(text, code, place));
  if (dependency) return { ...dependency, output };
  const position = await manifestPosition(told, place);
  return { code, message: causeIn(told), ...helpFor(text), ...(position ? { position } : {}), output };
}

/** Cargo puts the most telling cause last. */
function causeIn(told: readonly string[]): string {
  const message = told[0]?.replace(/^error(?:\[\w+\])?: /, '') ?? 'cargo failed without a word';
  const start = told.findIndex(line => /^Caused by:/.test(line));
  const causes = start === -1 ? [] : told.slice(start).filter(line => /^ {2}\S/.test(line));
  const last = causes.at(-1)?.trim();
  return last === undefined ? message : `${message}: ${last}`;
}

function helpFor(text: string): Pick<Failure, 'help'> {
  if (/failed to (?:download|fetch|get)|Could not resolve host|network/i.test(text))
    return { help: 'Check the network, and the registry in .cargo/config.toml.' };
  if (/linker `[^`]+` not found/.test(text))
    return { help: 'Install a C compiler, which Rust links with (Debian: apt install build-essential).' };
  if (/failed to run custom build command/.test(text))
    return { help: 'A build script of a dependency failed: its last lines say what it misses.' };
  return {};
}

async function lockfileFailure(
  text: string,
  code: FailureCode,
  { input, root }: CargoPlace,
): Promise<Failure | undefined> {
  if (!/--(?:locked|frozen) was passed/.test(text)) return undefined;
  const file = shownPath(input.root, root, join(root, input.workspace, 'Cargo.lock'));
  return {
    code,
    message: 'Cargo.lock does not fit Cargo.toml: a dependency was added, removed or changed without it',
    help: `Run \`cargo update --workspace\` and commit ${file}.`,
    position: { file, line: 1, column: 1 },
  };
}

const MISSING: readonly (readonly [RegExp, (name: string, text: string) => string])[] = [
  [/no matching package(?: named)? `([^`]+)` found/, name => `there is no package ${name} in the registry`],
  [
    /failed to select a version for the requirement `([\w-]+) = "[^"]*"`/,
    (name, text) => {
      const wanted = /requirement `[\w-]+ = "([^"]*)"`/.exec(text)?.[1];
      const found = /candidate versions found[^:]*: ([^\n]+)/.exec(text)?.[1];
      return `no version of ${name} fits ${wanted}${found === undefined ? '' : `: there are ${found}`}`;
    },
  ],
  [
    /package `[^`]+` depends on `([\w-]+)` with feature `[^`]+` but/,
    (name, text) => {
      const feature = /with feature `([^`]+)`/.exec(text)?.[1];
      return `${name} has no feature ${feature} in the version that was chosen`;
    },
  ],
  [/failed to get `([\w-]+)` as a dependency/, (_, text) => causeIn(text.split('\n'))],
  [/failed to load source for dependency `([\w-]+)`/, (_, text) => causeIn(text.split('\n'))],
  [/failed to select a version for `([\w-]+)`/, name => `no version of ${name} fits all that ask for it`],
];

async function dependencyFailure(
  text: string,
  code: FailureCode,
  place: CargoPlace,
): Promise<Failure | undefined> {
  for (const [pattern, message] of MISSING) {
    const name = pattern.exec(text)?.[1];
    if (name === undefined) continue;
    const position = await dependencyPosition(name, text, place);
    return {
      code,
      message: message(name, text),
      help: 'Check its name, version and features in Cargo.toml; `cargo search` and https://crates.io find packages.',
      ...(position ? { position } : {}),
    };
  }
  return undefined;
}

/** The line that asks for a package: in the manifest that cargo names, the package's own, or the workspace's. */
async function dependencyPosition(
  name: string,
  text: string,
  { input, root }: CargoPlace,
): Promise<Position | undefined> {
  const named = [...text.matchAll(/required by package `[^`]*\(([^)]+)\)`/g)].map(match => match[1] ?? '');
  const folders = [...named, join(root, input.folder), join(root, input.workspace)].filter(isAbsolute);
  const pattern = new RegExp(
    `^\\s*(?:"?${name}"?\\s*[.=]|\\[(?:.+\\.)?"?${name}"?\\]|.*package\\s*=\\s*"${name}")`,
  );
  for (const folder of folders) {
    const file = join(folder, 'Cargo.toml');
    const lines = (await readIfThere(file))?.split('\n') ?? [];
    const index = lines.findIndex(line => pattern.test(line));
    if (index === -1) continue;
    const lineText = lines[index] ?? '';
    const column = lineText.indexOf(name) + 1;
    return { file: shownPath(input.root, root, file), line: index + 1, column, lineText };
  }
  return undefined;
}

/** `--> services/api/Cargo.toml:5:1` below an error, or the manifest that an error names. */
async function manifestPosition(
  told: readonly string[],
  { input, root }: CargoPlace,
): Promise<Position | undefined> {
  const arrow = told.map(line => /^\s*--> (.+\.toml):(\d+):(\d+)/.exec(line)).find(match => match !== null);
  const named = /`([^`]+\/Cargo\.toml)`/.exec(told.join('\n'))?.[1];
  if (arrow) {
    const [, path = '', line = '1', column = '1'] = arrow;
    const file = isAbsolute(path) ? path : join(root, input.folder, path);
    const lineText = (await readIfThere(file))?.split('\n')[Number(line) - 1];
    return {
      file: shownPath(input.root, root, file),
      line: Number(line),
      column: Number(column),
      ...(lineText === undefined ? {} : { lineText }),
    };
  }
  const text = named === undefined ? undefined : await readIfThere(named);
  if (named === undefined || text === undefined) return undefined;
  const key = /failed to parse the `([\w-]+)` key/.exec(told.join('\n'))?.[1];
  const lines = text.split('\n');
  const index = Math.max(
    0,
    lines.findIndex(line => key !== undefined && new RegExp(`^\\s*${key}\\b`).test(line)),
  );
  const file = shownPath(input.root, root, named);
  return { file, line: index + 1, column: 1, lineText: lines[index] ?? '' };
}
