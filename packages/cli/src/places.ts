import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ToolFolder } from '@svc/queue';

/** Absolute path of svc's own bundled programs; this module is in the entry, in one of its chunks, or in what `svc build` runs. */
export const DIST = dirname(fileURLToPath(import.meta.url)).replace(/[\\/](chunks|build)$/, '');

export const TOOLS = {
  bundle: join(DIST, 'tools', 'node-bundle.mjs'),
  python: {
    install: join(DIST, 'tools', 'python-install.mjs'),
    bundle: join(DIST, 'tools', 'python-bundle.mjs'),
    environment: join(DIST, 'tools', 'python-environment.mjs'),
  },
  rust: { fetch: join(DIST, 'tools', 'rust-fetch.mjs'), build: join(DIST, 'tools', 'rust-build.mjs') },
  next: {
    install: join(DIST, 'tools', 'vercel-install.mjs'),
    build: join(DIST, 'tools', 'next-build.mjs'),
  },
  vercel: {
    install: join(DIST, 'tools', 'vercel-install.mjs'),
    build: join(DIST, 'tools', 'vercel-build.mjs'),
  },
  go: { download: join(DIST, 'tools', 'go-download.mjs'), build: join(DIST, 'tools', 'go-build.mjs') },
  container: {
    image: join(DIST, 'tools', 'container-image.mjs'),
    develop: join(DIST, 'tools', 'container-develop.mjs'),
  },
};

/** What new things are made from. */
export const TEMPLATES = join(dirname(DIST), 'template');

/** Programs that builders from elsewhere need: see `loadPlugins`. */
export const PLUGIN_PROGRAMS = {
  host: join(DIST, 'tools', 'plugin-host.mjs'),
  preload: join(DIST, 'tools', 'use-own-kit.mjs'),
};

/**
 * The folders that svc's programs load from when they run inside a step's view. Installed as a package, everything is
 * below the outermost `node_modules`; in svc's own repository the dependencies lie further up than the programs.
 */
export function toolFolders(): ToolFolder[] {
  const parts = DIST.split(sep);
  const at = parts.indexOf('node_modules');
  if (at !== -1) return [{ from: parts.slice(0, at + 1).join(sep), name: 'node_modules' }];
  for (let folder = dirname(DIST); folder !== dirname(folder); folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(join(modules, 'esbuild'))) {
      return [
        { from: DIST, name: 'svc' },
        { from: modules, name: 'node_modules' },
      ];
    }
  }
  throw new Error(`svc's dependencies are not installed above ${relative(process.cwd(), DIST)}`);
}
