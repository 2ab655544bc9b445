import { posix } from 'node:path';
import type { Failure, Position } from '@svc/contracts';
import type { Dockerfile, DockerfileInstruction } from '../dockerfile.ts';

export interface FailedBuild {
  readonly dockerfile: Dockerfile;
  /** The Dockerfile as the user would type it from the project's folder. */
  readonly file: string;
  readonly output: string;
}

const LAST_LINES = 20;
/** What registries and the network say when an image cannot be had, in the words of docker and buildah. */
const NO_IMAGE =
  /pull access denied|failed to do request: Head|load metadata for|failed to resolve source metadata|creating build container|manifest unknown|manifest for .* not found|Get "https?:\/\/\S+\/v2\/|did not resolve to an alias|repository does not exist/;

/** Why an image could not be built: the place in the Dockerfile, and the engine's last lines. */
export function buildFailure(build: FailedBuild): Failure {
  const lines = linesOf(build.output);
  const output = lines.slice(-LAST_LINES);
  const syntax = /dockerfile parse error (?:on )?line (\d+): (.+)/i.exec(build.output);
  if (syntax) {
    return {
      code: 'build-failed',
      message: `${build.file} is not a valid Dockerfile: ${syntax[2]}`,
      help: 'The instructions are described at https://docs.docker.com/reference/dockerfile/.',
      position: positionAt(build, Number(syntax[1])),
    };
  }
  const instruction = failedInstruction(build, lines);
  const position = instruction && { position: positionAt(build, instruction.line) };
  const unknown = /Unknown instruction: "?(\w+)"?/i.exec(build.output)?.[1];
  if (unknown !== undefined) {
    return {
      code: 'build-failed',
      message: `${build.file} is not a valid Dockerfile: unknown instruction: ${unknown}`,
      help: 'The instructions are described at https://docs.docker.com/reference/dockerfile/.',
      ...position,
    };
  }
  if (NO_IMAGE.test(build.output) && (instruction === undefined || instruction.keyword === 'FROM')) {
    const from = instruction ?? build.dockerfile.instructions.find(({ keyword }) => keyword === 'FROM');
    return {
      code: 'image-unavailable',
      message: `the image of "${from?.text ?? 'FROM'}" cannot be had: ${causeOf(lines)}`,
      help: 'Check its name and the network; for a private registry, log in first (docker login, buildah login).',
      ...(from ? { position: positionAt(build, from.line) } : {}),
      output,
    };
  }
  const what = instruction ? `"${instruction.text}" failed` : 'the image could not be built';
  return { code: 'build-failed', message: `${what}: ${causeOf(lines)}`, ...position, output };
}

function linesOf(output: string): string[] {
  return output
    .split('\n')
    .map(line => line.trimEnd())
    .filter(line => line !== '' && !/^-+$/.test(line));
}

function causeOf(lines: readonly string[]): string {
  const last = lines.at(-1) ?? 'the engine said nothing';
  return last
    .replace(/^(?:ERROR|Error):\s*/i, '')
    .replace(/^Error response from daemon:\s*/, '')
    .replace(/^failed to solve(?: with frontend \S+)?:\s*/, '')
    .replace(/^failed to create LLB definition:\s*/, '')
    .replace(/^building at STEP ".*?": /, '')
    .trim();
}

function failedInstruction(build: FailedBuild, lines: readonly string[]): DockerfileInstruction | undefined {
  const { instructions } = build.dockerfile;
  // buildx shows the place itself.
  const shown = lines.map(line => /^\S+:(\d+)$/.exec(line)?.[1]).findLast(line => line !== undefined);
  if (shown !== undefined) return instructions.findLast(({ line }) => line <= Number(shown));
  // The old builder counts instructions.
  const step = lines
    .map(line => /^Step (\d+)\/\d+ : /.exec(line)?.[1])
    .findLast(number => number !== undefined);
  if (step !== undefined) return instructions[Number(step) - 1];
  const named = lines
    .map(
      line =>
        /^Error: building at STEP "(.+?)":/.exec(line)?.[1] ??
        /^ > \[[^\]]*\d+\/\d+\] (.+?):?$/.exec(line)?.[1] ??
        /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: (.+)$/.exec(line)?.[1],
    )
    .findLast(text => text !== undefined);
  if (named === undefined) return undefined;
  const exact = instructions.find(({ text }) => text === named.replace(/\s+/g, ' '));
  const keyword = named.split(' ')[0]?.toUpperCase();
  const alike = instructions.filter(each => each.keyword === keyword);
  return exact ?? (alike.length === 1 ? alike[0] : alike.find(({ text }) => sharesWords(text, named)));
}

/** Engines write commands in other forms than their authors: with variables filled in, lists without their brackets. */
function sharesWords(text: string, named: string): boolean {
  const words = named.split(/[^\w./-]+/).filter(word => word.length > 2);
  return words.length > 1 && words.every(word => text.includes(word));
}

export function positionAt(
  { file, dockerfile }: Pick<FailedBuild, 'file' | 'dockerfile'>,
  line: number,
): Position {
  return { file: posix.normalize(file), line, column: 1, lineText: dockerfile.lines[line - 1] ?? '' };
}

/** An engine cannot write the image that it has just built. */
export function notSaved(engine: string, output: string): Failure {
  return {
    code: 'build-failed',
    message: `${engine} has built the image but cannot save it`,
    help: 'There may be no room left on the disk.',
    output: output.trim().split('\n').slice(-20),
  };
}
