/** Files from which an install follows: what is wanted, in which versions, and how it is fetched. */
const MANIFEST = new RegExp(
  `(^|/)(${[
    'package\\.json|package-lock\\.json|npm-shrinkwrap\\.json|\\.npmrc',
    'pnpm-lock\\.yaml|pnpm-workspace\\.yaml|\\.pnpmfile\\.cjs|yarn\\.lock|\\.yarnrc(\\.yml)?|bun\\.lockb?',
    'pyproject\\.toml|uv\\.lock|requirements[^/]*\\.txt|Pipfile(\\.lock)?|\\.python-version|setup\\.(py|cfg)',
    'go\\.(mod|sum|work|work\\.sum)|Cargo\\.(toml|lock)|rust-toolchain(\\.toml)?|Gemfile(\\.lock)?',
  ].join('|')})$`,
);

/** What package managers for JavaScript write when they install. */
export const LOCKFILES: readonly string[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
];

/** Lockfiles and settings of package managers for JavaScript: they change what is installed, and nothing else. */
const PACKAGE_LOCK =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|\.npmrc|pnpm-lock\.yaml|pnpm-workspace\.yaml|yarn\.lock|bun\.lockb?)$/;

/** Whether a change matters only if it makes what is installed outdated. An install itself may bring its lockfile up to date. */
export function isPackageLock(path: string): boolean {
  return PACKAGE_LOCK.test(path);
}

export function isManifest(path: string): boolean {
  return MANIFEST.test(path);
}
