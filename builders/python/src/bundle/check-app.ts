import { posix } from 'node:path';
import { runProgram } from '@svc/builder-kit';
import type { Failure } from '@svc/contracts';

interface Problem {
  readonly kind: 'syntax' | 'missing';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What the interpreter says of the syntax, or the module that is not there. */
  readonly name: string;
  readonly lineText: string;
}

export interface AppToCheck {
  /** Absolute path of the finished function. */
  readonly folder: string;
  /** The app's file, and the folders that it imports from, relative to the function. */
  readonly file: string;
  readonly paths: readonly string[];
  readonly interpreter: string;
  /** The service's root as the user would type it. */
  readonly root: string;
}

/** How many failures of one kind are of use: the rest follow from them, or will be told after. */
const MOST = 10;

/**
 * What would keep the app from being imported, found by reading its modules from the entrypoint on: mistakes in the syntax
 * (for the interpreter in use) and imports of packages that are not in the function. Failures are `bundle-failed`.
 */
export async function checkApp(program: string, app: AppToCheck): Promise<Failure[]> {
  const args = ['-I', '-S', '-c', program, app.folder, app.file, ...app.paths];
  const end = await runProgram(app.interpreter, args, { cwd: app.folder, shown: false });
  if (end.status !== 0) throw new Error(`the app's modules could not be read:\n${end.output}`);
  const problems = JSON.parse(end.output.trim().split('\n').at(-1) ?? '[]') as Problem[];
  return problems.slice(0, MOST).map(problem => failureOf(problem, app.root));
}

function failureOf({ kind, file, line, column, name, lineText }: Problem, root: string): Failure {
  const position = { file: posix.join(root, file), line, column, lineText };
  if (kind === 'syntax')
    return { code: 'bundle-failed', message: `a mistake in the syntax: ${name}`, position };
  return {
    code: 'bundle-failed',
    message: `the module "${name}" is not installed`,
    help: `Add the package that brings it to the service's dependencies. Its name may be another, as PyYAML is for yaml; an import that may fail belongs in a try.`,
    position: { ...position, length: name.length },
  };
}
