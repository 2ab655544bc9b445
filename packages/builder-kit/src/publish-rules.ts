/** One reason for which files of a plain folder stay out of the publication. */
interface Rule {
  readonly why: string;
  /** `top`: only directly in the service's root, where tools look for their settings. */
  readonly where: 'anywhere' | 'top';
  readonly names: readonly RegExp[];
  /** Worth telling the user: somebody may have meant to publish it, or should know that it lies in a web root. */
  readonly surprising?: true;
}

/**
 * What a web root does not hold. Names are matched against each segment of a path (`anywhere`) or against the one
 * segment of a path without folders (`top`). The vendor leaves out less: it publishes other dotfiles, keys and sources
 * (section 6.5 of the services reference).
 */
const RULES: readonly Rule[] = [
  {
    why: 'hidden',
    where: 'anywhere',
    names: [/^\.(?!well-known$)/],
  },
  {
    why: 'installed or generated',
    where: 'anywhere',
    names: [/^(?:node_modules|bower_components|__pycache__)$/, /^Thumbs\.db$/],
  },
  {
    why: 'a key or a certificate store',
    where: 'anywhere',
    names: [/\.(?:pem|key|p12|pfx|p8|jks|keystore|ppk|kdbx)$/i, /^id_(?:rsa|dsa|ecdsa|ed25519)$/],
    surprising: true,
  },
  {
    why: 'secrets',
    where: 'anywhere',
    names: [
      /^secrets?(?:\..+)?\.(?:ya?ml|json|toml|ini|env|txt)$/i,
      /^(?:credentials|client_secrets?|service[-_]?account.*)\.(?:json|ya?ml|toml|ini)$/i,
      /\.env$/i,
      /\.(?:tfstate(?:\.backup)?|tfvars)$/i,
      /\.htpasswd$/i,
    ],
    surprising: true,
  },
  {
    why: 'a database',
    where: 'anywhere',
    names: [/\.(?:sqlite3?|db|db3|mdb)(?:-(?:wal|shm|journal))?$/i],
    surprising: true,
  },
  {
    why: 'a lockfile or a list of packages',
    where: 'top',
    names: [
      /^(?:package(?:-lock)?|npm-shrinkwrap|composer|deno)\.(?:json|lock)$/,
      /^(?:yarn|bun|Cargo|poetry|uv|Pipfile|Gemfile|flake)\.lockb?$/,
      /^(?:pnpm-lock|pnpm-workspace)\.yaml$/,
      /^(?:requirements.*\.txt|pyproject\.toml|Pipfile|setup\.(?:py|cfg))$/,
      /^(?:go\.(?:mod|sum|work)|go\.work\.sum|Cargo\.toml|Gemfile|pom\.xml|build\.gradle(?:\.kts)?)$/,
    ],
  },
  {
    why: "a tool's settings",
    where: 'top',
    names: [
      /^(?:vercel|now)\.(?:jsonc?|toml|[cm]?[jt]s)$/,
      /^svc\.jsonc?$/,
      /\.config\.(?:[cm]?[jt]s|json)$/,
      /^(?:tsconfig(?:\..+)?|jsconfig|turbo|nx|lerna|biome|renovate|firebase|deno|components)\.jsonc?$/,
      /^(?:netlify|fly|wrangler|railway|rust-toolchain)\.toml$/,
      /^(?:Dockerfile|Containerfile)(?:\..+)?$|\.(?:Dockerfile|Containerfile)$/i,
      /^(?:docker-)?compose(?:\..+)?\.ya?ml$/,
      /^(?:Makefile|makefile|GNUmakefile|Justfile|justfile|Taskfile\.ya?ml|Procfile|Jenkinsfile|render\.yaml)$/,
    ],
  },
  {
    why: 'a note to developers',
    where: 'top',
    names: [/^README(?:\.(?:md|txt|rst))?$/i],
  },
];

/** Why a file stays out of the publication; `undefined` when it belongs to it. Paths are relative to the service's root. */
export function leftOut(path: string): { readonly why: string; readonly surprising: boolean } | undefined {
  const segments = path.split('/');
  const rule = RULES.find(({ where, names }) =>
    where === 'top'
      ? segments.length === 1 && names.some(name => name.test(path))
      : segments.some(segment => names.some(name => name.test(segment))),
  );
  return rule && { why: rule.why, surprising: rule.surprising ?? false };
}
