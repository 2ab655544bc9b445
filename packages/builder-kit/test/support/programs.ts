import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** Absolute paths of a builder's tools, and of the folder that holds them. */
export type Tools<Name extends string> = { readonly [name in Name]: string } & { readonly folder: string };

/**
 * Bundles a builder's tools as they ship, a file each, into a new folder of its package, from where what stays outside is found;
 * the caller removes `folder`.
 *
 * @param location absolute path of the builder's package.
 * @param names of the modules in its `src/tools`.
 */
export async function bundleTools<Name extends string>(
  location: string,
  names: readonly Name[],
  options: Pick<BuildOptions, 'external' | 'loader' | 'mainFields'> & { readonly prefix?: string } = {},
): Promise<Tools<Name>> {
  const { prefix = '', ...more } = options;
  mkdirSync(join(location, 'dist'), { recursive: true });
  const folder = await mkdtemp(join(location, 'dist/test-'));
  await build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    banner: {
      js: `import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);`,
    },
    entryPoints: Object.fromEntries(
      names.map(name => [`${prefix}${name}`, join(location, `src/tools/${name}.ts`)]),
    ),
    outdir: folder,
    ...more,
  });
  const files = names.map(name => [name, join(folder, `${prefix}${name}.mjs`)] as const);
  return { ...(Object.fromEntries(files) as Record<Name, string>), folder };
}

/** Runs a program to its end, with variables on top of this process's own. */
export async function runProgram(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<{ status: number | null; output: string }> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  const output: string[] = [];
  child.stdout.on('data', chunk => output.push(String(chunk)));
  child.stderr.on('data', chunk => output.push(String(chunk)));
  // A program that ends before it has read its input is judged by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output: output.join('') };
}
