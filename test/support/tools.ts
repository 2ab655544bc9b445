import { execFileSync } from 'node:child_process';

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
