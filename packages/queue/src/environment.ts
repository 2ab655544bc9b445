import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { EnvPlan, Step } from '@svc/contracts';
import type { Exposure, WorkingCopy } from './isolation/isolation.ts';
import { contains, strictAncestors } from './paths.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The caller's variables that every step receives: how to find programs, how to reach a registry through a company's
 * proxy, and that this is CI. Nothing here says anything about an application.
 */
const BASE_VARIABLES: readonly string[] = [
  'PATH',
  'USER',
  'LOGNAME',
  'SHELL',
  'CI',
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
];

/** Package managers' own settings: which registry, which certificate, which proxy. They reach every step, for a build may install. */
const TOOL_PREFIXES = [
  'npm_config_',
  'NPM_CONFIG_',
  'YARN_',
  'COREPACK_',
  'PIP_',
  'UV_',
  'GOPROXY',
  'GOFLAGS',
  'GONOPROXY',
  'GONOSUMDB',
  'GOPRIVATE',
  'GOSUMDB',
  'GOTOOLCHAIN',
  'CARGO_',
  'RUSTUP_',
  // How a container engine is reached and where it keeps what it has.
  ...['DOCKER_', 'BUILDAH_', 'CONTAINERS_', 'CONTAINER_HOST', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR'],
];

/** The same for every build everywhere, so that its result is the same everywhere. */
const FIXED: Readonly<Record<string, string>> = {
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  VERCEL: '1',
  NOW_BUILDER: '1',
};

export interface EnvironmentRequest {
  readonly step: Step;
  readonly copy: WorkingCopy;
  readonly caller: Variables;
  /** What `svc.json` and the framework admit; null for an install that several services share. */
  readonly admitted: EnvPlan | null;
  /** Variables of declared env files, already read. */
  readonly declared: Readonly<Record<string, string>>;
  /** Seconds since 1970 for tools that write times. */
  readonly sourceDateEpoch: string;
}

/** The whole environment of a step: an allow-list, never the caller's environment with things taken out. */
export function stepEnvironment(request: EnvironmentRequest): Record<string, string> {
  const { step, copy, caller, admitted, declared } = request;
  return {
    ...pick(
      caller,
      name => BASE_VARIABLES.includes(name) || TOOL_PREFIXES.some(prefix => name.startsWith(prefix)),
    ),
    ...FIXED,
    ...packageManagerFolders(caller, step),
    ...admittedVariables(caller, admitted, declared),
    ...step.env,
    SOURCE_DATE_EPOCH: caller.SOURCE_DATE_EPOCH ?? request.sourceDateEpoch,
    HOME: copy.home,
    TMPDIR: copy.temp,
    PATH: [...localBins(copy.boundary, step.cwd), caller.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(
      delimiter,
    ),
  };
}

/** What a service's steps receive because somebody said so: these values are kept out of logs. */
export function admittedVariables(
  caller: Variables,
  admitted: EnvPlan | null,
  declared: Readonly<Record<string, string>>,
): Record<string, string> {
  if (!admitted) return {};
  const wanted = (name: string) =>
    admitted.names.includes(name) || admitted.prefixes.some(prefix => name.startsWith(prefix));
  return { ...declared, ...pick(caller, wanted) };
}

/** The caller's variables that no step receives unless a service declares them. */
export function isPassedAlways(name: string): boolean {
  return (
    BASE_VARIABLES.includes(name) || name in FIXED || TOOL_PREFIXES.some(prefix => name.startsWith(prefix))
  );
}

function pick(variables: Variables, wanted: (name: string) => boolean): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables))
    if (value !== undefined && wanted(name)) picked[name] = value;
  return picked;
}

/** As npm does for scripts: the programs of every `node_modules` from the folder up to the boundary. */
function localBins(boundary: string, cwd: string): string[] {
  return [...strictAncestors(cwd), cwd]
    .reverse()
    .map(folder => join(boundary, folder, 'node_modules', '.bin'));
}

/**
 * A private home hides the user's download caches and registry logins, so they are named one by one. A variable that the
 * caller has set wins.
 */
function packageManagerFolders(caller: Variables, step: Step): Record<string, string> {
  const home = caller.HOME ?? homedir();
  const data = caller.XDG_DATA_HOME ?? join(home, '.local', 'share');
  const configuration = caller.XDG_CONFIG_HOME ?? join(home, '.config');
  const folders: Record<string, string> = {
    npm_config_cache: join(home, '.npm'),
    npm_config_userconfig: join(home, '.npmrc'),
    npm_config_update_notifier: 'false',
    YARN_CACHE_FOLDER: join(home, '.cache', 'yarn'),
    YARN_GLOBAL_FOLDER: join(home, '.yarn', 'berry'),
    YARN_ENABLE_TELEMETRY: '0',
    COREPACK_HOME: join(home, '.cache', 'node', 'corepack'),
    BUN_INSTALL_CACHE_DIR: join(home, '.bun', 'install', 'cache'),
    UV_CACHE_DIR: join(home, '.cache', 'uv'),
    PIP_CACHE_DIR: join(home, '.cache', 'pip'),
    PIP_CONFIG_FILE: join(configuration, 'pip', 'pip.conf'),
    GOCACHE: join(home, '.cache', 'go-build'),
    GOMODCACHE: join(caller.GOPATH ?? join(home, 'go'), 'pkg', 'mod'),
    GOENV: join(configuration, 'go', 'env'),
    SVC_CACHE_DIR: join(caller.XDG_CACHE_HOME ?? join(home, '.cache'), 'svc'),
    CARGO_HOME: join(home, '.cargo'),
    RUSTUP_HOME: join(home, '.rustup'),
    NEXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
  };
  // npm complains of settings that only pnpm knows.
  if (step.label.startsWith('pnpm')) folders.npm_config_store_dir = join(data, 'pnpm', 'store');
  for (const name of Object.keys(folders)) {
    const value = caller[name] ?? caller[name.toUpperCase()];
    if (value !== undefined) folders[name] = value;
  }
  return folders;
}

const WRITABLE_FOLDERS = [
  'npm_config_cache',
  'npm_config_store_dir',
  'YARN_CACHE_FOLDER',
  'YARN_GLOBAL_FOLDER',
  'COREPACK_HOME',
  'BUN_INSTALL_CACHE_DIR',
  'UV_CACHE_DIR',
  'PIP_CACHE_DIR',
  'GOCACHE',
  'GOMODCACHE',
  'SVC_CACHE_DIR',
  'CARGO_HOME',
];

/** Folders of this machine that a step needs outside the project: its programs, and the package managers' caches. */
export function neededFolders(
  env: Readonly<Record<string, string>>,
  caller: Variables,
  node: string,
): Exposure[] {
  const home = caller.HOME ?? homedir();
  const programs = [dirname(node), ...(caller.PATH ?? '').split(delimiter)].filter(path =>
    path.startsWith('/'),
  );
  const readable = programs.map(path => programRoot(path, home));
  const writable = WRITABLE_FOLDERS.map(name => env[name]).filter(path => path !== undefined);
  const certificates = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR']
    .map(name => env[name])
    .filter(path => path !== undefined);
  const settings = ['PIP_CONFIG_FILE', 'GOENV'].map(name => env[name]).filter(path => path !== undefined);
  const toolchains = env.RUSTUP_HOME === undefined ? [] : [env.RUSTUP_HOME];
  const folders = [
    ...[...readable, ...toolchains, ...[...certificates, ...settings].map(path => dirname(path))].map(
      path => ({ path, writable: false }),
    ),
    ...writable.map(path => ({ path, writable: true })),
  ];
  return withoutNested(folders.filter(({ path }) => path.startsWith('/') && path !== '/'));
}

/** `~/.nvm/versions/node/v22/bin` is of no use without the `lib` beside it; a personal `~/bin` stands alone. */
function programRoot(path: string, home: string): string {
  const parent = dirname(path);
  const standsAlone = parent === '/' || parent === home || parent === join(home, '.local');
  return /\/(?:s?bin|shims|\.bin)$/.test(path) && !standsAlone ? parent : path;
}

function withoutNested(folders: readonly Exposure[]): Exposure[] {
  const kept: Exposure[] = [];
  for (const folder of [...folders].sort((a, b) => a.path.length - b.path.length)) {
    if (!kept.some(other => contains(other.path, folder.path) && (other.writable || !folder.writable)))
      kept.push(folder);
  }
  return kept;
}
