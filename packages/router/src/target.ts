import { splitUrl } from './query.ts';

/** A request target, taken apart. */
export interface Target {
  /** Begins with `/`, percent-encoded as it came; dot segments are resolved. */
  readonly path: string;
  /** Without its question mark; null where there is none. */
  readonly query: string | null;
}

/**
 * Reads what stands on a request line; undefined for what names no path (`*`, an empty text). Of an absolute URL, as
 * proxies are asked, the origin is dropped. Dot segments are resolved as every browser does before it asks, `%2e`
 * included: rules then see the path that code would make of it, and none can be passed by a detour.
 */
export function readTarget(target: string): Target | undefined {
  const relative = target.startsWith('/') ? target : withoutOrigin(target);
  if (relative === undefined) return undefined;
  const { path, query } = splitUrl(relative);
  return { path: DOT_SEGMENT.test(path) ? withoutDots(path) : path, query };
}

const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?=\/|$)/i;

function withoutOrigin(target: string): string | undefined {
  const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target);
  if (!origin) return undefined;
  const rest = target.slice(origin[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, index) => {
    const plain = segment.replace(/%2e/gi, '.');
    const isLast = index === segments.length - 1;
    if (plain === '..') kept.pop();
    if (plain !== '.' && plain !== '..') kept.push(segment);
    else if (isLast) kept.push('');
  });
  return `/${kept.join('/')}`;
}

/** `//a///b` is `/a/b`. */
export function collapseSlashes(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
}

/**
 * The names under which a path may be listed, without the leading slash: decoded, then as it is written. None where the
 * path could mean another place than it says: empty segments, dots, encoded slashes, backslashes, zero bytes.
 */
export function lookupNames(path: string): readonly string[] {
  const written = path.slice(1);
  if (!written.includes('%')) return isPlain(written) ? [written] : [];
  const decoded = decodedName(written);
  if (decoded === undefined) return isPlain(written) ? [written] : [];
  // A slash that appears only now was not meant to separate.
  if (slashes(decoded) !== slashes(written) || !isPlain(decoded)) return [];
  return decoded === written ? [decoded] : [decoded, written];
}

function isPlain(name: string): boolean {
  return !UNSAFE.test(name);
}

const UNSAFE = /\\|\0|^\/|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/;

function slashes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) count += 1;
  return count;
}

function decodedName(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
