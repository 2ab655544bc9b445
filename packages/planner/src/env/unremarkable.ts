const NAMES = new Set([
  ...['HOME', 'PWD', 'OLDPWD', 'SHLVL', '_', 'TMPDIR', 'TEMP', 'TMP', 'EDITOR', 'DEBUG', 'HOST', 'HOSTNAME'],
  ...['LANG', 'LANGUAGE', 'TZ', 'TERM', 'COLORTERM', 'COLUMNS', 'LINES', 'NO_COLOR', 'FORCE_COLOR'],
  ...['NODE_ENV', 'PORT', 'NODE_OPTIONS', 'NODE_PATH', 'SOURCE_DATE_EPOCH', 'INIT_CWD'],
]);

const PREFIXES = ['LC_', 'XDG_', 'VERCEL', 'npm_', 'VITEST', 'SVC_'];

/**
 * Variables that every environment has or that svc sets itself: a program that reads one of them and does not receive
 * the caller's value misses nothing. No warning is given about them. What the queue passes on is not repeated here.
 */
export function isUnremarkable(name: string): boolean {
  return NAMES.has(name) || PREFIXES.some(prefix => name.startsWith(prefix));
}
