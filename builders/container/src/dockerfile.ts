import { DockerfileParser, type From, type Instruction } from 'dockerfile-ast';

/** What svc needs to know of a Dockerfile; what it means is the engine's business. */
export interface Dockerfile {
  /** Names of `ARG`s, of all stages. */
  readonly args: ReadonlySet<string>;
  /** Instructions in the order of the file. */
  readonly instructions: readonly DockerfileInstruction[];
  /** How many instructions make the image on top of its base: the last stage and the stages that it continues. */
  readonly own: number;
  /** Uses what only BuildKit and buildah understand: mounts, here-documents. */
  readonly isModern: boolean;
  readonly lines: readonly string[];
}

export interface DockerfileInstruction {
  /** Upper case. */
  readonly keyword: string;
  /** Without line breaks, comments and runs of blanks. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

export function readDockerfile(source: string): Dockerfile {
  const parsed = DockerfileParser.parse(source);
  const lines = source.split(/\r?\n/);
  const all = parsed.getInstructions();
  const froms = parsed.getFROMs();
  const instructions = all.map(instruction => ({
    keyword: instruction.getKeyword(),
    text: plain(instruction, lines),
    line: instruction.getRange().start.line + 1,
  }));
  return {
    args: new Set(
      parsed
        .getARGs()
        .concat(parsed.getInitialARGs())
        .flatMap(arg => arg.getProperty()?.getName() ?? []),
    ),
    instructions,
    own: ownInstructions(all, froms),
    isModern: instructions.some(
      ({ keyword, text }) =>
        (keyword === 'RUN' && /^RUN\s+--(?:mount|network|security)/i.test(text)) ||
        hasHereDocument(keyword, text),
    ),
    lines,
  };
}

function hasHereDocument(keyword: string, text: string): boolean {
  return ['RUN', 'COPY', 'ADD'].includes(keyword) && /<<-?["']?[A-Za-z_]/.test(text);
}

/** The lines of an instruction as one, as engines show it: without what continues lines and without comments between. */
function plain(instruction: Instruction, lines: readonly string[]): string {
  const { start, end } = instruction.getRange();
  const own = lines
    .slice(start.line, end.line + 1)
    .filter((line, index) => index === 0 || !/^\s*#/.test(line));
  const text = own.map(line => line.replace(/[\\`]\s*$/, ' ')).join(' ');
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\w+/, keyword => keyword.toUpperCase());
}

/** The stage that becomes the image, and while a stage continues an earlier one (`FROM build`), that one as well. */
function ownInstructions(all: readonly Instruction[], froms: readonly From[]): number {
  let count = 0;
  let stage = froms.length - 1;
  while (stage >= 0) {
    const from = froms[stage];
    const start = from?.getRange().start.line ?? 0;
    const end = froms[stage + 1]?.getRange().start.line ?? Number.POSITIVE_INFINITY;
    count += all.filter(each => {
      const { line } = each.getRange().start;
      return line > start && line < end;
    }).length;
    const base = from?.getImage()?.toLowerCase();
    stage = froms.slice(0, stage).findIndex(each => each.getBuildStage()?.toLowerCase() === base);
  }
  return count;
}
