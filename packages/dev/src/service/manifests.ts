/** Files from which an install follows: what is wanted, in which versions, and how it is fetched. */
const MANIFEST = new RegExp(
  `(^|/)(${[
    'package\\.json|package-lock\\.json|npm-shrinkwrap\\.json|\\.npmrc',
    'pnpm-lock\\.yaml|pnpm-workspace\\.yaml|\\.pnpmfile\\.cjs|yarn\\.lock|\\.yarnrc(\\.yml)?|bun\\.lockb?',
    'pyproject\\.toml|uv\\.lock|requirements[^/]*\\.txt|Pipfile(\\.lock)?|\\.python-version|setup\\.(py|cfg)',
    'go\\.(mod|sum|work|work\\.sum)|Cargo\\.(toml|lock)|rust-toolchain(\\.toml)?|Gemfile(\\.lock)?',
  ].join('|')})$`,
);

export function isManifest(path: string): boolean {
  return MANIFEST.test(path);
}
