import { stripVTControlCharacters } from 'node:util';
import type { Failure } from '@svc/contracts';

type Cause = Omit<Failure, 'service'>;

/** Where `next build` begins to say what is wrong; above it stand warnings. */
const BEGINNING =
  /Failed to compile|build failed with|Build error occurred|Running TypeScript|Linting and checking|error TS\d+:|Error occurred prerendering/i;

/** `./app/page.tsx:3:7`, or `./web/app/page.tsx:3:7` in a workspace, alone on a line; webpack leaves the place out. */
const PLACE = /^\.\/(\S.*?\.\w+)(?::(\d+):(\d+))?$/;
/** The head of the frame that webpack's compiler draws: `,-[/project/pages/index.js:2:1]`. */
const FRAMED = /(?:,-|╭─)\[.*:(\d+):(\d+)\]/;
/** As TypeScript itself says it: `app/page.tsx(6,13): error TS2352: Conversion of …`. */
const TYPESCRIPT = /^(\S.*?)\((\d+),(\d+)\): error TS\d+: (.*)$/;
/** A frame of a stack in the app's own sources. */
const FRAME = /^\s*at .*?\(?((?:app|pages|src|components|lib)\/\S+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$/;
const PRERENDERING = /^Error occurred prerendering page "([^"]+)"/;

/**
 * Finds in what `next build` printed what it blames: files with their lines, or pages that failed while they were rendered.
 *
 * @param root the service's root as the user would type it from the project's folder.
 */
export function explainNextErrors(lines: readonly string[], root: string): Cause[] {
  const plain = lines.map(line => stripVTControlCharacters(line).trimEnd());
  const start = plain.findIndex(line => BEGINNING.test(line));
  if (start === -1) return [];
  const causes = plain.flatMap((_, at) => (at < start ? [] : (causeAt(plain, at, root) ?? [])));
  const seen = new Set<string>();
  return causes.filter(({ message, position }) => {
    const key = position ? `${position.file}:${position.line}:${position.column}` : message;
    return !seen.has(key) && seen.add(key);
  });
}

function causeAt(lines: readonly string[], at: number, root: string): Cause | undefined {
  const line = lines[at] ?? '';
  const typed = TYPESCRIPT.exec(line);
  if (typed) {
    const [, path = '', row = '1', column = '1', complaint = ''] = typed;
    return inFile(root, withinProject(path, root), row, column, complaint, lines.slice(at, at + 8));
  }
  const page = PRERENDERING.exec(line)?.[1];
  if (page !== undefined) return inPage(page, root, lines.slice(at, at + 12));
  const place = PLACE.exec(line);
  const complaint = lines.slice(at + 1).find(each => each.trim() !== '');
  if (!place || complaint === undefined || /^\s*(?:Warning:|\.\/)/.test(complaint)) return undefined;
  const below = lines.slice(at, at + 12);
  const framed = below.map(each => FRAMED.exec(each)).find(each => each !== null);
  const [, path = '', row = framed?.[1] ?? '1', column = framed?.[2] ?? '1'] = place;
  return inFile(root, withinProject(path, root), row, column, complaint, below);
}

function inFile(
  root: string,
  file: string,
  row: string,
  column: string,
  complaint: string,
  output: readonly string[],
): Cause {
  const plain = complaint
    .trim()
    .replace(/^(?:Type error|Error|Syntax Error):\s*/, '')
    .replace(/^[x×]\s+/, '')
    .replace(/\.$/, '');
  return {
    code: 'build-failed',
    message: `Next.js can't be built: ${plain}`,
    help: `Correct ${file}. \`npx next build\` in ${root} shows the same.`,
    position: { file, line: Number(row), column: Number(column) },
    output,
  };
}

function inPage(page: string, root: string, output: readonly string[]): Cause {
  const error = output.slice(1).find(line => /^\s*(?:\w*Error)\b/.test(line));
  const place = output.map(line => FRAME.exec(line)).find(each => each !== null);
  return {
    code: 'build-failed',
    message: `the page ${page} could not be rendered at build time${error ? `: ${error.trim()}` : ''}`,
    help: [
      'Pages without dynamic data are rendered once, at build time. Variables of bindings are not there then: a page that needs one',
      "says `export const dynamic = 'force-dynamic'` (or `await connection()`), so that it is rendered for each request.",
    ].join('\n'),
    ...(place && {
      position: {
        file: withinProject(place[1] ?? '', root),
        line: Number(place[2]),
        column: Number(place[3]),
      },
    }),
    output,
  };
}

/** Next.js writes paths relative to the app, and Turbopack relative to the workspace it found. */
function withinProject(path: string, root: string): string {
  return root === '.' || path.startsWith(`${root}/`) ? path : `${root}/${path}`;
}
