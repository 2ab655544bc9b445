import type { Failure, FailureCode } from '@svc/contracts';
import { never } from '@svc/contracts';
import type { Answer } from './ask.ts';
import type { LocatedPlugin } from './locate.ts';
import type { Thrown } from './protocol.ts';

/** Which call of which builder a failure is about. */
export interface Occasion {
  readonly plugin: LocatedPlugin;
  /** The builder's own name, once it is known. */
  readonly name: string | null;
  /** What it was doing: `planning service "api"`. */
  readonly doing: string;
  /** `builder-failed` until steps run, `finish-failed` after. */
  readonly code: FailureCode;
  /** Seconds that it had. */
  readonly limit: number;
}

const NOT_THE_PROJECT = 'This is a fault of the builder, not of the project.';

/** What a builder did instead of answering, as its user should hear it. Nothing for a call that was cancelled. */
export function explain(
  occasion: Occasion,
  answer: Exclude<Answer, { readonly kind: 'answered' }>,
): readonly Failure[] {
  switch (answer.kind) {
    case 'cancelled':
      return [];
    case 'late':
      return [
        fault(occasion, `did not answer within ${occasion.limit} s while ${occasion.doing}`, {
          help: 'It was stopped. If it really needs that long, give it more: "builderTimeout" (seconds) in svc.json. What takes long should be a step of its plan.',
          output: answer.last,
        }),
      ];
    case 'flooded':
      return [
        fault(occasion, `printed without end while ${occasion.doing}, and was stopped`, {
          help: `${NOT_THE_PROJECT} Its last lines are shown here.`,
          output: answer.last,
        }),
      ];
    case 'ended':
      return [
        fault(occasion, `${howItEnded(answer.end)} while ${occasion.doing}, before it had answered`, {
          help: `${NOT_THE_PROJECT} A builder returns its result, or failures; it must not call process.exit.`,
          output: answer.last,
        }),
      ];
    case 'unloadable':
      return [
        fault({ ...occasion, name: null }, `cannot be loaded: ${answer.error.message}`, {
          help: loadHelp(occasion.plugin, answer.error),
          output: [...answer.error.stack, ...answer.last],
        }),
      ];
    case 'threw':
      return [threw(occasion, answer.error, answer.last)];
    default:
      return never(answer);
  }
}

/** A failure that names the builder and what it did: `the builder "lua" (./tools/lua) <problem>`. */
export function fault(
  { plugin, name, code }: Pick<Occasion, 'plugin' | 'name' | 'code'>,
  problem: string,
  more: { readonly help?: string; readonly output?: readonly string[] } = {},
): Failure {
  const who =
    name === null || name === plugin.reference ? `"${plugin.reference}"` : `"${name}" (${plugin.reference})`;
  const { help = NOT_THE_PROJECT, output = [] } = more;
  return {
    code,
    message: `the builder ${who} ${problem}`,
    help,
    ...(output.length > 0 ? { output } : {}),
  };
}

/** An answer that is not what was asked for. */
export function malformed(occasion: Occasion, what: string, problem: string): Failure {
  return fault(occasion, `did not return ${what} while ${occasion.doing}: ${problem}`, {
    help: 'This is a fault of the builder, not of the project. A builder returns ok(value) or failed(failure, …); docs/writing-a-builder.md tells of what.',
  });
}

function threw(occasion: Occasion, error: Thrown, last: readonly string[]): Failure {
  const output = [...error.stack, ...last];
  if (error.code !== 'ERR_ACCESS_DENIED') {
    return fault(occasion, `failed while ${occasion.doing}: ${error.message}`, { output });
  }
  const what =
    error.permission === 'FileSystemWrite'
      ? `tried to write ${error.resource ?? 'a file'}, which is not in its output`
      : `tried to start a program, or something else that is not allowed (${error.permission ?? error.message})`;
  return fault(occasion, `${what}, while ${occasion.doing}`, {
    help: `${NOT_THE_PROJECT} Planning reads, finishing writes below request.output; whatever runs is a step.`,
    output,
  });
}

function howItEnded({ exitCode, signal, startError }: Extract<Answer, { kind: 'ended' }>['end']): string {
  if (startError) return `could not be started (${startError.message})`;
  return signal === null ? `ended its process with exit code ${exitCode}` : `was ended by ${signal}`;
}

function loadHelp({ file }: LocatedPlugin, { message }: Thrown): string {
  if (/\.[cm]?ts$/.test(file)) {
    return 'svc loads builders with Node itself, and this Node does not run TypeScript: write JavaScript (types in comments, checked with // @ts-check), or compile it first.';
  }
  if (/Cannot find (?:module|package)/.test(message))
    return 'Install what it imports, where its package.json is.';
  return NOT_THE_PROJECT;
}
