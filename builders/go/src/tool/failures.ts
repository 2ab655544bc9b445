import { readFile } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import type { Failure, FailureCode, Position } from '@svc/contracts';
import type { DownloadInput } from '../input.ts';
import type { RunEnd } from './run.ts';

/** Where go ran, to turn its paths into those that the user would type. */
export interface GoPlace {
  readonly input: DownloadInput;
  /** Absolute path of the service's root. */
  readonly root: string;
}

const PLACED = /^(?:vet: )?(\S[^\s:]*\.go|\S*go\.(?:mod|work)):(\d+)(?::(\d+))?: (.+)$/;
const MOST = 10;
const ABSENT =
  'Check its path and version in go.mod. A private module needs GOPRIVATE, and credentials for where it lies.';

/** What go complained of: each compile error with its place, else what it says of modules and toolchains. */
export async function goFailures(end: RunEnd, code: FailureCode, place: GoPlace): Promise<Failure[]> {
  if (end.startError) return [missingGo(end.startError)];
  const lines = end.output.split('\n');
  const failures: Failure[] = [];
  for (const [index, line] of lines.entries()) {
    const [, file = '', row = '', column = '1', message = ''] = PLACED.exec(line) ?? [];
    if (file === '' || message === 'too many errors') continue;
    const position = await positionOf(place, file, Number(row), Number(column));
    failures.push({
      code,
      message: message.replace(/; to add it:$/, ''),
      ...helpFor(message, lines[index + 1]),
      position,
    });
  }
  if (failures.length > 0) return failures.slice(0, MOST);
  return [await unplaced(end, code, place)];
}

function missingGo(error: NodeJS.ErrnoException): Failure {
  return {
    code: 'tool-missing',
    message:
      error.code === 'ENOENT'
        ? 'go is not on this machine, and this service is written in Go'
        : `go could not be started: ${error.message}`,
    help: 'Install Go (https://go.dev/dl/) so that `go` is on PATH.',
  };
}

function helpFor(message: string, next: string | undefined): Pick<Failure, 'help'> {
  const command = /^\s+(go (?:get|mod) .+)$/.exec(next ?? '')?.[1];
  if (command !== undefined) return { help: `Run \`${command}\` and commit go.mod and go.sum.` };
  if (/missing go\.sum entry/.test(message)) return { help: 'Run `go mod tidy` and commit go.sum.' };
  if (/is not in std/.test(message)) {
    return {
      help: 'A package of another module starts with its host, such as github.com/…: check the import.',
    };
  }
  return {};
}

async function unplaced({ output }: RunEnd, code: FailureCode, place: GoPlace): Promise<Failure> {
  const lines = output.split('\n').filter(line => line.trim() !== '');
  const newer = /requires go >= (\S+) \(running go (\S+?)[;)]/.exec(output);
  if (newer) {
    return {
      code: 'tool-missing',
      message: `the module needs Go ${newer[1]}, and the Go found is ${newer[2]}`,
      help: `Install Go ${newer[1]} or newer, or lower the version in go.mod.`,
      ...(await inManifest(place, new RegExp(`^(?:go|toolchain)\\s+(?:go)?${escaped(newer[1] ?? '')}`))),
    };
  }
  const told =
    lines.find(line => /^go: (?!downloading)/.test(line)) ?? lines.at(-1) ?? 'go failed without a word';
  const [, module, version, why = ''] = /^go: ([\w.-]+(?:\/[\w.~-]+)+)@([^\s:]+): (.+)$/.exec(told) ?? [];
  const absent =
    module !== undefined && code === 'install-failed'
      ? {
          message: `the module ${module} ${version} cannot be had: ${why.replace(/^reading \S+: /, '')}`,
          help: ABSENT,
        }
      : {};
  return {
    code,
    message: told.replace(/^go: /, ''),
    ...absent,
    ...helpFor(output, lines[lines.indexOf(told) + 1]),
    ...(module === undefined ? {} : await inManifest(place, new RegExp(`\\b${escaped(module)}\\b`))),
    output: lines.slice(-20),
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The line of the module's `go.mod` that matches. */
async function inManifest({ input, root }: GoPlace, pattern: RegExp): Promise<Pick<Failure, 'position'>> {
  const file = posix.join(input.module.folder, 'go.mod');
  const lines = (await readFile(join(root, file), 'utf8')).split('\n');
  const index = lines.findIndex(line => pattern.test(line.trim()));
  if (index === -1) return {};
  const lineText = lines[index] ?? '';
  const column = lineText.length - lineText.trimStart().length + 1;
  return { position: { file: posix.join(input.root, file), line: index + 1, column, lineText } };
}

async function positionOf(
  { input, root }: GoPlace,
  file: string,
  line: number,
  column: number,
): Promise<Position> {
  const absolute = isAbsolute(file) ? file : join(root, input.module.folder, file);
  const text = await readFile(absolute, 'utf8').catch(() => undefined);
  const lineText = text?.split('\n')[line - 1];
  // go counts bytes.
  const before =
    lineText === undefined
      ? column - 1
      : Buffer.from(lineText)
          .subarray(0, column - 1)
          .toString().length;
  return {
    file: posix.join(input.root, relative(root, absolute).split(sep).join('/')),
    line,
    column: before + 1,
    ...(lineText === undefined ? {} : { lineText }),
  };
}
