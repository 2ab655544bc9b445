import type { JsonObject } from '@svc/contracts';

const RUNNERS =
  /(?:^|[\s/])(?:node|tsx|ts-node(?:-dev)?|ts-node-esm|nodemon|bun(?:\s+run)?|nest\s+start|pm2\s+start)((?:\s+(?:--?[\w-]+(?:=\S+)?|watch))*)\s+([^\s-][^\s;&|]*)/;

/**
 * Files that `package.json` names as the program, best first: what `scripts.start` runs, `main`, the `.` of `exports`.
 * POSIX paths relative to the package; they may name a file that only a build makes.
 */
export function entrypointHints(packageJson: JsonObject | null): string[] {
  if (!packageJson) return [];
  const hints = [startScript(packageJson), text(packageJson.main), exportTarget(packageJson.exports)];
  const paths = hints
    .filter(hint => hint !== undefined)
    .map(hint => hint.replace(/^\.\//, ''))
    .filter(hint => hint !== '' && !hint.startsWith('/') && !hint.split('/').includes('..'));
  return [...new Set(paths)];
}

/** A hint without its extension may mean any of these files. */
export function hintCandidates(hint: string, extensions: readonly string[]): string[] {
  if (/\.[cm]?[jt]s$/.test(hint)) return [hint];
  return [
    ...extensions.map(extension => `${hint}.${extension}`),
    ...extensions.map(extension => `${hint}/index.${extension}`),
  ];
}

function startScript(packageJson: JsonObject): string | undefined {
  const scripts = packageJson.scripts;
  if (typeof scripts !== 'object' || scripts === null || Array.isArray(scripts)) return undefined;
  const start = text((scripts as JsonObject).start);
  const file = start && RUNNERS.exec(start)?.[2]?.replace(/^['"]|['"]$/g, '');
  return file && /^[\w@./-]+$/.test(file) ? file : undefined;
}

function exportTarget(exports: JsonObject[string] | undefined): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return undefined;
  const conditions = exports as JsonObject;
  for (const key of ['.', 'node', 'import', 'require', 'default']) {
    const target = exportTarget(conditions[key]);
    if (target !== undefined) return target;
  }
  return undefined;
}

function text(value: JsonObject[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
