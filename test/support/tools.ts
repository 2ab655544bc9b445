import { execFileSync } from 'node:child_process';
import { delimiter } from 'node:path';

/** Whether a program runs here. Where tests must not skip (`CI` is set), one that is missing is an error. */
export function toolIsHere(program: string, args: readonly string[] = ['--version']): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    if (process.env.CI) throw new Error(`${program} is not installed, and no test may be skipped here`);
    return false;
  }
}

/** `PATH` as a user has it: npm adds this repository's own programs when it runs the tests, Vite among them. */
export function pathOfTheSystem(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.filter(folder => !/node_modules|node-gyp-bin/.test(folder)).join(delimiter);
}
