import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { lastLines, type RunEnd } from '@svc/builder-kit';
import type { Failure, Position } from '@svc/contracts';
import type { DependencySource, Installer, InstallInput } from '../input.ts';
import { normalisedName, requirementName } from '../names.ts';

/** What went wrong in an install: the package that could not be had, its line in the service's file, and what to do. */
export async function installFailure(
  input: InstallInput,
  root: string,
  { output, startError }: RunEnd,
): Promise<Failure> {
  const { installer, source } = input;
  if (startError || /No module named pip\b/.test(output)) return missingInstaller(installer, startError);
  const file = fileOf(source);
  const { wanted, reason, help } = explain(output, installer);
  const position =
    wanted === undefined || file === null ? undefined : await placeOf(input, root, file, wanted);
  const from = file === null ? '' : ` of ${posix.join(input.root, file)}`;
  return {
    code: 'install-failed',
    message: `${installer} could not install the dependencies${from}: ${reason}`,
    ...(help === undefined ? {} : { help }),
    ...(position ? { position } : {}),
    output: lastLines(output),
  };
}

interface Explanation {
  readonly wanted?: string;
  readonly reason: string;
  readonly help?: string;
}

function explain(output: string, installer: Installer): Explanation {
  const absent =
    /No matching distribution found for ([^\s(]+)/.exec(output)?.[1] ??
    /Because (\S+) was not found in the package registry/.exec(output)?.[1] ??
    /Because there (?:is|are) no versions? of (\S+)/.exec(output)?.[1];
  if (absent !== undefined) {
    return {
      wanted: absent,
      reason: `"${absent}" cannot be had`,
      help: 'Check the name and the version. A package that exists may have no release for this version of Python, or be on another index: name it, and its credentials, in PIP_INDEX_URL, UV_INDEX_URL or pip.conf.',
    };
  }
  const broken =
    /Invalid requirement: '?([^'\n:]+)|Couldn't parse requirement in `[^`]*`[^\n]*\n?[^\n]*/.exec(output);
  if (broken) return { ...(broken[1] ? { wanted: broken[1] } : {}), reason: 'a line is no requirement' };
  const unbuilt = /Failed (?:building wheel for|to build) `?([\w.-]+)/i.exec(output)?.[1];
  if (unbuilt !== undefined) {
    return {
      wanted: unbuilt,
      reason: `"${unbuilt}" has no ready-made release for this machine and could not be built`,
      help: 'Ask for a version that has one, or install what its build needs (a compiler, header files).',
    };
  }
  if (/ResolutionImpossible|No solution found/.test(output)) {
    return {
      reason: 'what the packages ask of each other cannot all hold',
      help: 'Loosen one of the versions.',
    };
  }
  return { reason: `${installer} says why below` };
}

function missingInstaller(installer: Installer, startError: Error | undefined): Failure {
  return {
    code: 'tool-missing',
    message:
      installer === 'uv'
        ? `uv could not be started: ${startError?.message ?? 'it is not there'}`
        : 'this Python has no pip, and uv is not on PATH',
    help: 'Install uv (https://docs.astral.sh/uv/), or pip with `python3 -m ensurepip`.',
  };
}

function fileOf(source: DependencySource): string | null {
  switch (source.kind) {
    case 'uv-lock':
    case 'pyproject':
      return 'pyproject.toml';
    case 'project':
      return source.file;
    case 'requirements':
      return 'requirements.txt';
    case 'pipfile-lock':
    case 'pipfile':
      return 'Pipfile';
    case 'none':
      return null;
  }
}

async function placeOf(
  input: InstallInput,
  root: string,
  file: string,
  wanted: string,
): Promise<Position | undefined> {
  const name = requirementName(wanted);
  const lines = (await readFile(join(root, file), 'utf8').catch(() => '')).split('\n');
  const pattern = /[A-Za-z0-9][\w.-]*/g;
  for (const [index, lineText] of lines.entries()) {
    for (const match of lineText.matchAll(pattern)) {
      if (normalisedName(match[0]) !== name) continue;
      const shown = posix.join(input.root, file);
      return { file: shown, line: index + 1, column: match.index + 1, length: match[0].length, lineText };
    }
  }
  return undefined;
}
