/**
 * Folders that tools make and that nobody commits on purpose. They are never inputs unless git tracks them. The names
 * are ones that carry no other meaning: `dist`, `build`, `out`, `vendor` and `target` are not among them, because
 * projects also use them for what they wrote by hand; those are left to `.gitignore` and to the markers below.
 */
export const GENERATED_FOLDERS: readonly string[] = [
  'node_modules',
  'bower_components',
  '.pnpm-store',
  '.next',
  '.nuxt',
  '.turbo',
  '.cache',
  '.parcel-cache',
  '.svelte-kit',
  '.astro',
  '.docusaurus',
  '.venv',
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.tox',
  '.gradle',
];

/** svc's own folder and the vendor's: never inputs, not even when somebody committed them. */
export const OWN_FOLDERS: readonly string[] = ['.svc', '.vercel'];

const IN_OWN_FOLDER = new RegExp(
  `(?:^|/)(?:${OWN_FOLDERS.map(name => name.replace('.', '\\.')).join('|')})/`,
);

export function isInOwnFolder(path: string): boolean {
  return IN_OWN_FOLDER.test(path);
}

/** Where version control systems keep their own data. */
export const VERSION_CONTROL: readonly string[] = ['.git', '.hg', '.svn'];

/**
 * Files by which a folder says of itself that it was generated, whatever its name: the Cache Directory Tagging
 * specification (cargo's `target`, several Python tools) and Python's virtual environments.
 */
export const GENERATED_MARKERS: readonly string[] = ['CACHEDIR.TAG', 'pyvenv.cfg'];
