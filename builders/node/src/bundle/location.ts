import type { ModuleKind } from './job.ts';
import { specifierTo } from './job.ts';

/**
 * A bundled file keeps believing that it lies where its source lay: `__dirname`, `__filename`, `import.meta.*` and
 * `require.main` become names that each file which uses them declares on its first line, computed from where the
 * bundle really is.
 */
export const LOCATION_DEFINES = {
  'import.meta.url': '__svc_url',
  'import.meta.dirname': '__svc_dirname',
  'import.meta.filename': '__svc_filename',
  __dirname: '__svc_dirname',
  __filename: '__svc_filename',
} as const;

/** In an ES module `require.main` is what `createRequire` says; only CommonJS needs it shimmed. */
export const MAIN_DEFINES = { 'require.main': '__svc_main' } as const;

const USES = /\b__dirname\b|\b__filename\b|\bimport\.meta\b|\brequire\.main\b/;

/**
 * The declarations a file needs before its first token, on one line so that line numbers hold; empty when it needs none.
 *
 * @param from path of the bundle and `to` path of the source, both in the function's tree.
 */
export function locationPrefix(
  source: string,
  kind: ModuleKind,
  from: string,
  to: string,
  isEntry: boolean,
): string {
  if (!USES.test(source)) return '';
  const place = isEntry ? '' : relativeUrl(from, to);
  const folder = isEntry ? '.' : relativeUrl(from, to).replace(/[^/]*$/, '.');
  const strict = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/.*\n)*(['"])use strict\1/.test(source) ? '"use strict";' : '';
  const main = kind === 'cjs' && source.includes('require.main');
  return [
    strict,
    `var __svc_url=__svc_at(${JSON.stringify(place)}),__svc_filename=__svc_path(__svc_url),`,
    `__svc_dirname=__svc_path(__svc_at(${JSON.stringify(folder)})).replace(/(.)[\\\\/]$/,"$1")`,
    main ? `,__svc_main=${isEntry ? '__svc_is_main?module:require.main' : 'undefined'}` : '',
    ';',
  ].join('');
}

function relativeUrl(from: string, to: string): string {
  return specifierTo(from, to).split('/').map(encodeURIComponent).join('/');
}

/** Puts the prefix before a source; a `#!` line, which may only stand first, makes room for it. */
export function withPrefix(prefix: string, source: string): string {
  return prefix + source.replace(/^#!.*/, '');
}

/** What stands at the top of the bundle for the prefixes to use, and sets the working directory to the service's root. */
export function bundleBanner(kind: ModuleKind, rootFromBundle: string): string {
  const root = JSON.stringify(rootFromBundle);
  if (kind === 'cjs') {
    return [
      `const { pathToFileURL: __svc_to_url, fileURLToPath: __svc_path } = require("node:url");`,
      `const __svc_at = (place = "") => new URL(place, __svc_to_url(__filename)).href;`,
      `const __svc_is_main = require.main === module;`,
      `if (require("node:worker_threads").isMainThread) process.chdir(__svc_path(__svc_at(${root})));`,
    ].join('\n');
  }
  return [
    `import "./${START_MODULE}";`,
    `import { createRequire as __svc_create_require } from "node:module";`,
    `import { fileURLToPath as __svc_path } from "node:url";`,
    `const require = __svc_create_require(import.meta.url);`,
    `const __svc_at = (place = "") => new URL(place, import.meta.url).href;`,
  ].join('\n');
}

/** Lies beside an ES bundle. */
export const START_MODULE = 'svc-start.mjs';

/**
 * Source of the module that an ES bundle imports first: imports run before any statement of the bundle, and packages
 * may look at the working directory while they load.
 */
export function startModuleSource(rootFromBundle: string): string {
  return [
    `import { fileURLToPath } from 'node:url';`,
    `import { isMainThread } from 'node:worker_threads';`,
    `if (isMainThread) process.chdir(fileURLToPath(new URL(${JSON.stringify(rootFromBundle)}, import.meta.url)));`,
    '',
  ].join('\n');
}
