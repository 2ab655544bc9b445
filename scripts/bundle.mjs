// Bundles the command line: one small entry, everything heavy in chunks that load when they are needed, and each program
// that a builder runs as a step as a module of its own. Run by `npm ci` through `prepare`.
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, 'packages', 'cli');
const dist = join(cli, 'dist');
const { version } = JSON.parse(await readFile(join(cli, 'package.json'), 'utf8'));

// These have native parts, or look for files beside themselves: they are loaded from node_modules.
const external = [
  'esbuild',
  '@vercel/nft',
  'oxc-transform',
  '@vercel/frameworks',
  '@vercel/fs-detectors',
  '@vercel/routing-utils',
  'chokidar',
  'tsx',
];

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  outExtension: { '.js': '.mjs' },
  external,
  // jsonc-parser's CommonJS form can't be bundled; its ES modules can.
  mainFields: ['module', 'main'],
  sourcemap: true,
  legalComments: 'none',
  define: { SVC_VERSION: JSON.stringify(version) },
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: {
    js: "import { createRequire as __svcCreateRequire } from 'node:module'; const require = __svcCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

await rm(dist, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: { svc: join(cli, 'src', 'main.ts') },
  outdir: dist,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
});
await build({
  ...common,
  entryPoints: {
    'node-bundle': join(root, 'builders', 'node', 'src', 'tools', 'bundle.ts'),
    'python-install': join(root, 'builders', 'python', 'src', 'tools', 'install.ts'),
    'python-bundle': join(root, 'builders', 'python', 'src', 'tools', 'bundle.ts'),
    'python-environment': join(root, 'builders', 'python', 'src', 'tools', 'environment.ts'),
    'go-download': join(root, 'builders', 'go', 'src', 'tools', 'download.ts'),
    'go-build': join(root, 'builders', 'go', 'src', 'tools', 'build.ts'),
  },
  // Programs in other languages that are shipped in functions.
  loader: { '.py': 'text', '.go': 'text' },
  outdir: join(dist, 'tools'),
});
await build({
  ...common,
  entryPoints: {
    launcher: join(root, 'packages', 'runtime', 'src', 'launcher', 'main.ts'),
    watchdog: join(root, 'packages', 'runtime', 'src', 'watchdog', 'main.ts'),
  },
  outdir: join(dist, 'tools'),
});
