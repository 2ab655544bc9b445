const NAMES = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'PWD', 'OLDPWD', 'SHLVL', '_', 'TMPDIR', 'TEMP', 'TMP'],
  ...[
    'LANG',
    'LANGUAGE',
    'TZ',
    'TERM',
    'COLORTERM',
    'COLUMNS',
    'LINES',
    'NO_COLOR',
    'FORCE_COLOR',
    'EDITOR',
    'DEBUG',
  ],
  ...[
    'CI',
    'NODE_ENV',
    'PORT',
    'HOST',
    'HOSTNAME',
    'NODE_OPTIONS',
    'NODE_PATH',
    'SOURCE_DATE_EPOCH',
    'INIT_CWD',
  ],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'no_proxy',
    'all_proxy',
  ],
  ...[
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    'GIT_SSL_CAINFO',
  ],
]);

const PREFIXES = ['LC_', 'XDG_', 'VERCEL', 'npm_', 'NPM_CONFIG_', 'YARN_', 'COREPACK_', 'VITEST', 'SVC_'];

/**
 * Variables that every environment has or that svc sets itself: a program that reads one of them and does not receive
 * the caller's value misses nothing. No warning is given about them.
 */
export function isBaseVariable(name: string): boolean {
  return NAMES.has(name) || PREFIXES.some(prefix => name.startsWith(prefix));
}
