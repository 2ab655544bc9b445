import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';

const PROGRAMS = join(import.meta.dirname, '../programs');

/** Makes one plain JavaScript file of a program in test/programs, so that it starts fast and by any Node. */
export async function bundled(folder: string, program: string): Promise<string> {
  const outfile = join(folder, program.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(PROGRAMS, program)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a bundled program; one that ends with anything but 0 is an error. */
export async function runBundle(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<string> {
  const ended = await endOf(program, args, env, flags);
  if (ended.code !== 0)
    throw new Error(`${program} ended with ${ended.code ?? ended.signal}: ${ended.stderr}`);
  return ended.stdout;
}

export function endOf(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, program, ...args], { env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
