import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { failed, ok, type Result } from '@svc/contracts';
import type { ProtectionOptions } from '@svc/runtime';
import { usage } from '../options.ts';
import type { StartOptions } from './options.ts';

/**
 * The secrets of `--protect`: a file, a variable or what is typed in. Never an argument: those are seen by every user of
 * the machine. Null without `--protect`.
 *
 * Fails with `bad-option-value` when there is neither a password nor a token.
 */
export async function readProtection(
  { protect, passwordFile }: StartOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<ProtectionOptions | null>> {
  if (!protect) return ok(null);
  // The vendor's name for it, so that test suites need not know where they run.
  const bypassToken = env.VERCEL_AUTOMATION_BYPASS_SECRET || null;
  if (passwordFile !== undefined) {
    const text = await readFile(passwordFile, 'utf8').catch(() => undefined);
    const password = text?.replace(/\r?\n$/, '');
    if (password) return ok({ password, bypassToken });
    return refuse(`the file ${passwordFile} of --password-file is empty or cannot be read`);
  }
  if (env.SVC_PASSWORD) return ok({ password: env.SVC_PASSWORD, bypassToken });
  if (bypassToken !== null) return ok({ password: null, bypassToken });
  const typed = process.stdin.isTTY && process.stderr.isTTY ? await ask() : '';
  if (typed !== '') return ok({ password: typed, bypassToken });
  return refuse(
    '--protect needs a password: set SVC_PASSWORD, name a file with --password-file, or set VERCEL_AUTOMATION_BYPASS_SECRET for programs alone',
  );
}

/** Asks on the terminal, without showing what is typed. */
function ask(): Promise<string> {
  process.stderr.write('Password for visitors: ');
  const nowhere = new Writable({ write: (_, __, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise(resolve => {
    lines.once('line', line => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => {
      process.stderr.write('\n');
      resolve('');
    });
    // What is typed is no line of its own, so Ctrl-C comes here and not as a signal.
    lines.once('SIGINT', () => {
      lines.close();
      process.kill(process.pid, 'SIGINT');
    });
  });
}

function refuse(message: string) {
  return failed(usage('bad-option-value', message, 'start'));
}
