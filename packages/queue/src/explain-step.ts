import { constants } from 'node:os';
import { posix } from 'node:path';
import type { Failure, Step } from '@svc/contracts';
import type { ChildEnd } from '@svc/process';
import { explainInstall } from './explain-install.ts';

export interface Explanation {
  readonly message: string;
  readonly help: string;
}

/** How shells tell of a program that they do not find; captures it. */
const PROGRAM_NOT_FOUND = /\b(?:sh|bash|dash|zsh)(?:: line)?(?:: \d+)?: (\S+?): (?:command )?not found$/;

/** In the user's words why a step failed: its exit code, and its output where that tells the cause. */
export function explainStep(
  step: Step,
  end: ChildEnd,
  output: readonly string[],
): Pick<Failure, 'code' | 'message' | 'help'> {
  const code =
    step.kind === 'install' ? 'install-failed' : step.kind === 'build' ? 'build-failed' : 'step-failed';
  const folder = step.cwd === '.' ? 'the project folder' : step.cwd;
  const what = `"${step.label}" in ${folder}`;
  if (end.startError) return { code, message: `${what} could not be started: ${end.startError.message}` };
  if (end.exitCode === 127) return { code, ...notFound(step, what, output) };
  const manifest = posix.join(step.cwd, 'package.json');
  const cause = step.kind === 'install' ? explainInstall(step.label, manifest, output) : undefined;
  if (cause) return { code, ...cause };
  if (output.some(line => /JavaScript heap out of memory/.test(line))) {
    return {
      code,
      message: `${what} needed more memory than Node allows itself`,
      help: 'Set a higher limit in its command, for example NODE_OPTIONS=--max-old-space-size=4096, or make it do less at a time.',
    };
  }
  const signal = end.signal ?? signalOf(end.exitCode);
  if (signal) {
    const help =
      signal === 'SIGKILL' ? { help: 'The system may have run out of memory: try --concurrency 1.' } : {};
    return { code, message: `${what} was ended by ${signal}`, ...help };
  }
  return { code, message: `${what} failed with exit code ${end.exitCode}`, ...tryAlone(step) };
}

function notFound(step: Step, what: string, output: readonly string[]): Explanation {
  const said = output.flatMap(line => PROGRAM_NOT_FOUND.exec(line)?.[1] ?? []).at(-1);
  const program = said ?? step.label.split(/\s/)[0] ?? step.label;
  const message = `${what} failed: the program "${program}" was not found`;
  if (['pnpm', 'yarn', 'bun'].includes(program)) {
    return {
      message,
      help: `This project installs with ${program}. Install it with \`npm install --global ${program}\`, or \`corepack enable\`.`,
    };
  }
  return {
    message,
    help: `Add the package that brings it to the dependencies in ${posix.join(step.cwd, 'package.json')}, or install the program on this machine.`,
  };
}

/** A command that the user has written can be tried by them; the tools of builders cannot. */
function tryAlone(step: Step): Pick<Failure, 'help'> {
  if (step.command.type !== 'shell') return {};
  const folder = step.cwd === '.' ? '' : `cd ${step.cwd} && `;
  return { help: `To try it by itself: ${folder}${step.label}` };
}

/** Shells and namespaces tell a child's signal as 128 and its number. */
function signalOf(exitCode: number | null): string | undefined {
  const entry = Object.entries(constants.signals).find(([, number]) => exitCode === 128 + number);
  return entry?.[0];
}
