import { stripVTControlCharacters } from 'node:util';
import type { Failure } from '@svc/contracts';

/** `./app/page.tsx:3:7`, or `./web/app/page.tsx:3:7` in a workspace, alone on a line. */
const PLACE = /^\.\/(\S.*?):(\d+):(\d+)\s*$/;

/**
 * Finds in what `next build` printed the places that it blames: a line with a file, line and column, and the complaint below it.
 *
 * @param root the service's root as the user would type it from the project's folder.
 */
export function explainNextErrors(lines: readonly string[], root: string): Omit<Failure, 'service'>[] {
  const plain = lines.map(line => stripVTControlCharacters(line));
  const start = plain.findIndex(line =>
    /Failed to compile|Turbopack build failed|Build error occurred|build failed/i.test(line),
  );
  if (start === -1) return [];
  const found = new Map<string, Omit<Failure, 'service'>>();
  for (let at = start; at < plain.length; at++) {
    const place = PLACE.exec(plain[at] ?? '');
    if (!place) continue;
    const [, path = '', line = '1', column = '1'] = place;
    const complaint =
      plain
        .slice(at + 1)
        .find(each => each.trim() !== '')
        ?.trim() ?? 'it does not compile';
    if (/^Warning:/.test(complaint)) continue;
    const file = withinProject(path, root);
    const key = `${file}:${line}:${column}`;
    if (found.has(key)) continue;
    found.set(key, {
      code: 'build-failed',
      message: `Next.js could not be built: ${complaint.replace(/^Type error:\s*/, '').replace(/\.$/, '')}`,
      help: `Correct ${file} and build again. \`next build\` in ${root} shows the same error.`,
      position: { file, line: Number(line), column: Number(column) },
      output: plain.slice(at, at + 12),
    });
  }
  return [...found.values()];
}

/** Next.js writes paths relative to the app, and Turbopack relative to the workspace it found. */
function withinProject(path: string, root: string): string {
  return root === '.' || path === root || path.startsWith(`${root}/`) ? path : `${root}/${path}`;
}
