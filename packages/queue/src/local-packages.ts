/** What an install takes from the repository itself rather than from a registry, as far as manifests tell. */
export interface LocalPackages {
  /** Packed packages, relative to the manifest's folder. */
  readonly archives: readonly string[];
  /** Whether folders of the repository are copied, so that every file in them counts. */
  readonly copiesFolders: boolean;
}

const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
/** `file:…`, or a bare path, which npm and yarn take as the same. */
const LOCAL = /^(?:file:|\.{1,2}\/|~?\/)/;
const ARCHIVE = /\.(?:tgz|tar\.gz|tar)$/;

/**
 * npm links folders unless `install-links` is set; pnpm, yarn and bun copy (or hard-link) what `file:` names. `link:` and
 * `portal:` link everywhere.
 *
 * @param command the install's command line.
 * @param settings what `.npmrc` and the like say, as one text.
 */
export function localPackages(packageJson: string, command: string, settings: string): LocalPackages {
  const manifest = parse(packageJson);
  const isNpm = /^npm\b/.test(command);
  const named = FIELDS.flatMap(field => Object.values(manifest[field] ?? {}));
  const local = named.filter((spec): spec is string => typeof spec === 'string' && LOCAL.test(spec));
  const archives = local.filter(spec => ARCHIVE.test(spec));
  const isInjected = Object.values(manifest.dependenciesMeta ?? {}).some(
    meta => (meta as { injected?: unknown } | null)?.injected === true,
  );
  return {
    archives: archives.map(spec => spec.replace(/^file:/, '')),
    copiesFolders:
      isInjected ||
      (local.length > archives.length && (!isNpm || /install[-_]links\s*=\s*true/i.test(settings))),
  };
}

/** pnpm copies members of the workspace that others depend on, where it is told to. */
export function injectsWorkspace(settings: string): boolean {
  return /inject-?workspace-?packages\s*[=:]\s*true/i.test(settings);
}

interface Manifest extends Readonly<Partial<Record<(typeof FIELDS)[number], Record<string, unknown>>>> {
  readonly dependenciesMeta?: Readonly<Record<string, unknown>>;
}

function parse(packageJson: string): Manifest {
  try {
    return (JSON.parse(packageJson) as Manifest | null) ?? {};
  } catch {
    // The package manager's to complain about.
    return {};
  }
}
