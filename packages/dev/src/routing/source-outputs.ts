import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Output, Outputs } from '@svc/router';

/** Paths that development servers keep for themselves: `@vite/client`, `_next/…`, `__nuxt…`, `node_modules/.vite/…`. */
const SERVER_PATHS = /^(?:@|_|\.|node_modules(?:\/|$)|sockjs-node(?:\/|$)|ng-cli-ws(?:\/|$))/;
/** Folders whose files frameworks publish under `/`. */
const PUBLISHED = ['', 'public', 'static'];

/**
 * What "a file is there" means for a site that its framework's development server makes of sources: the path is one of its
 * own, or leads to a file in the root or in `public`. Rewrites of the service that come after the file system (`/(.*)` to
 * `/index.html` of a single-page app) then apply to what they apply to after a build, and not to modules.
 */
export function sourceOutputs(root: string, name: string): Outputs {
  const output: Output = { type: 'function', name };
  return {
    find: path => (isThere(root, path) ? output : undefined),
  };
}

function isThere(root: string, path: string): boolean {
  if (path.split('/').includes('..')) return false;
  // `index` is where the last rule sends what is left.
  if (path === '' || path === 'index' || SERVER_PATHS.test(path)) return true;
  return PUBLISHED.some(
    folder => isFile(join(root, folder, path)) || isFile(join(root, folder, path, 'index.html')),
  );
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    // A path with a zero byte, or one that goes through a file: there is none.
    return false;
  }
}
