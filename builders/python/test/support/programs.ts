import { mkdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface Programs {
  readonly folder: string;
  readonly install: string;
  readonly bundle: string;
}

const here = dirname(fileURLToPath(import.meta.url));

/** Bundles the tools as they ship, a file each, into a new folder of this package; the caller removes `folder`. */
export async function bundlePrograms(): Promise<Programs> {
  mkdirSync(join(here, '../../dist'), { recursive: true });
  const folder = await mkdtemp(join(here, '../../dist/test-'));
  await build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    loader: { '.py': 'text' },
    banner: {
      js: `import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);`,
    },
    entryPoints: ['install', 'bundle'].map(name => join(here, `../../src/tools/${name}.ts`)),
    outdir: folder,
  });
  return { folder, install: join(folder, 'install.mjs'), bundle: join(folder, 'bundle.mjs') };
}
