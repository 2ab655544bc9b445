import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles a program of this folder for another thread or process, so that it runs from source; gives its file. */
export async function bundled(name: string, folder: string): Promise<string> {
  const outfile = `${folder}/${name}.cjs`;
  await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'warning',
  });
  return outfile;
}
