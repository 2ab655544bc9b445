// Bundles the command line: one small entry, everything heavy in chunks that load when they are needed, and each program
// that a builder runs as a step as a module of its own. Run by `npm ci` through `prepare`.
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeDeclarations } from './declarations.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, 'packages', 'cli');
const dist = join(cli, 'dist');
/**
 * Digest of everything that svc is made of, so that results of one svc are never taken for those of another, also between
 * two commits of one version.
 */
async function sourcesDigest() {
  const hash = createHash('sha256');
  for (const folder of ['packages', 'builders']) {
    const names = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const files = names
      .filter(
        entry =>
          entry.isFile() &&
          /\/(src|runtime)(\/|$)|\/package\.json$/.test(
            join(entry.parentPath, entry.name).slice(root.length),
          ),
      )
      .map(entry => join(entry.parentPath, entry.name))
      .filter(path => !/\/(node_modules|dist|test)\//.test(path.slice(root.length)))
      .sort();
    for (const file of files) hash.update(`${file.slice(root.length)}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

const { version } = JSON.parse(await readFile(join(cli, 'package.json'), 'utf8'));

// These have native parts, or look for files beside themselves: they are loaded from node_modules.
const external = ['esbuild', '@vercel/nft', 'oxc-transform', '@edge-runtime/vm', 'sharp', 'chokidar', 'tsx'];

/**
 * `@vercel/frameworks` reads configuration files with three parsers, and only where a few frameworks are asked for their
 * output folder. Loading them takes twice as long as the list itself, so they wait until then.
 */
const parsersWhenNeeded = {
  name: 'parsers-when-needed',
  setup(build) {
    build.onResolve({ filter: /^\.\/read-config-file$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, 'read-config-file.js'),
      namespace: 'when-needed',
    }));
    build.onLoad({ filter: /./, namespace: 'when-needed' }, ({ path }) => ({
      contents: `exports.readConfigFile = (...all) => require(${JSON.stringify(path)}).readConfigFile(...all);`,
      resolveDir: dirname(path),
    }));
  },
};

/**
 * `svc build` is bundled by itself. With all other commands it would fall into forty small pieces, one for each set of
 * commands that share something, and finding and loading those takes longer than compiling them.
 */
const buildByItself = {
  name: 'build-by-itself',
  setup(build) {
    build.onResolve({ filter: /^\.\/commands\/build\.ts$/ }, () => ({
      path: './build/build.mjs',
      external: true,
    }));
  },
};

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
  plugins: [parsersWhenNeeded],
  define: { SVC_VERSION: JSON.stringify(version), SVC_SOURCES: JSON.stringify(await sourcesDigest()) },
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: {
    js: "import { createRequire as __svcCreateRequire } from 'node:module'; const require = __svcCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

await rm(dist, { recursive: true, force: true });
// What a build with nothing to do runs, one that only puts the deployment back, and its threads: one file each, and CommonJS,
// which Node loads sooner than modules.
await build({
  ...common,
  entryPoints: {
    warm: join(cli, 'src', 'warm-entry.ts'),
    restore: join(cli, 'src', 'restore-entry.ts'),
    'restore-helper': join(cli, 'src', 'restore-helper-entry.ts'),
  },
  outdir: dist,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  banner: {},
  minify: true,
});
const program = {
  ...common,
  splitting: true,
  // What need not be read need not be waited for; names stay, for whoever reads a stack trace.
  minifyWhitespace: true,
  minifySyntax: true,
};
await build({
  ...program,
  entryPoints: { svc: join(cli, 'src', 'main.ts') },
  outdir: dist,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [...common.plugins, buildByItself],
});
await build({
  ...program,
  entryPoints: { build: join(cli, 'src', 'commands', 'build.ts') },
  outdir: join(dist, 'build'),
  chunkNames: '[name]-[hash]',
});
// What authors of builders import: `svc/builder-kit`. Its own declarations go with it.
await build({
  ...common,
  entryPoints: {
    'builder-kit': join(root, 'packages', 'builder-kit', 'src', 'index.ts'),
    'builder-kit-trace': join(root, 'packages', 'builder-kit', 'src', 'trace.ts'),
  },
  outdir: dist,
});
await build({
  ...common,
  entryPoints: { conformance: join(cli, 'src', 'conformance.ts') },
  outdir: dist,
});
await writeDeclarations(root, join(dist, 'types'), [
  'builder-kit/index.ts',
  'builder-kit/trace.ts',
  'conformance/api.ts',
]);
await build({
  ...common,
  entryPoints: {
    'node-bundle': join(root, 'builders', 'node', 'src', 'tools', 'bundle.ts'),
    'python-install': join(root, 'builders', 'python', 'src', 'tools', 'install.ts'),
    'python-bundle': join(root, 'builders', 'python', 'src', 'tools', 'bundle.ts'),
    'python-environment': join(root, 'builders', 'python', 'src', 'tools', 'environment.ts'),
    'go-download': join(root, 'builders', 'go', 'src', 'tools', 'download.ts'),
    'vercel-install': join(root, 'builders', 'vercel', 'src', 'tools', 'install.ts'),
    'vercel-build': join(root, 'builders', 'vercel', 'src', 'tools', 'build.ts'),
    'vercel-host': join(root, 'builders', 'vercel', 'src', 'tools', 'host.ts'),
    'next-build': join(root, 'builders', 'next', 'src', 'tools', 'build.ts'),
    'go-build': join(root, 'builders', 'go', 'src', 'tools', 'build.ts'),
    'rust-fetch': join(root, 'builders', 'rust', 'src', 'tools', 'fetch.ts'),
    'rust-build': join(root, 'builders', 'rust', 'src', 'tools', 'build.ts'),
    'container-image': join(root, 'builders', 'container', 'src', 'tools', 'image.ts'),
    'container-develop': join(root, 'builders', 'container', 'src', 'tools', 'develop.ts'),
  },
  // Programs in other languages that are shipped in functions.
  loader: { '.py': 'text', '.go': 'text', '.rs': 'text' },
  outdir: join(dist, 'tools'),
});
await build({
  ...common,
  entryPoints: {
    launcher: join(root, 'packages', 'runtime', 'src', 'launcher', 'main.ts'),
    'edge-launcher': join(root, 'packages', 'runtime', 'src', 'launcher', 'edge', 'main.ts'),
    watchdog: join(root, 'packages', 'runtime', 'src', 'watchdog', 'main.ts'),
    'plugin-host': join(root, 'packages', 'plugins', 'src', 'host', 'main.ts'),
    'use-own-kit': join(root, 'packages', 'plugins', 'src', 'host', 'use-own-kit.ts'),
  },
  outdir: join(dist, 'tools'),
});
