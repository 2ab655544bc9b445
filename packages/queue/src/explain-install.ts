import type { Explanation } from './explain-step.ts';

/** What package managers say when the lockfile and the manifests disagree and they may not change it. */
const OUT_OF_STEP = [
  /can only install packages when your package\.json and .* are in sync/, // npm
  /ERR_PNPM_OUTDATED_LOCKFILE/,
  /The lockfile would have been modified by this install/, // yarn 2 and later
  /Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`/, // yarn 1
  /lockfile had changes, but lockfile is frozen/, // bun
];

/** How a registry that knows no such package is told of; each captures the package. */
const ABSENT = [
  /npm (?:error|ERR!) 404\s+(?:The requested resource )?'(\S+)' (?:is not in this registry|could not be found)/,
  /npm (?:error|ERR!) notarget No matching version found for (\S+?)\.?$/,
  /ERR_PNPM_FETCH_404.*\/(\S+?): Not Found/,
  /ERR_PNPM_NO_MATCHING_VERSION.*No matching version found for (\S+)/,
  /(\S+?)@npm:\S+: Package not found/, // yarn 2 and later
  /Couldn't find (?:package|any versions for) "([^"]+)"/, // yarn 1
  /error: (\S+) failed to resolve/, // bun
];

const NOT_ADMITTED =
  /npm (?:error|ERR!) code (?:E401|E403|ENEEDAUTH)|ERR_PNPM_FETCH_40[13]|YN0041|Request failed "40[13] |\b40[13] (?:Unauthorized|Forbidden)/;

/** The three forms that say which version of Node a package asks for; each captures the range. */
const OTHER_NODE = [
  /notsup Required:\s+\{.*"node":"([^"]+)"/, // npm
  /The engine "node" is incompatible with this module\. Expected version "([^"]+)"/, // yarn 1
  /Your Node version is incompatible.*?Expected version: (\S+)/, // pnpm
];

const UNREACHABLE = /\b(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET)\b/;

/** How many of the packages that npm misses are named. */
const NAMED = 3;

/**
 * In the user's words why an install failed, where its output tells; undefined where the last lines must speak for
 * themselves. Package managers end with a page of options, so the cause is often not among the last lines.
 *
 * @param label the command, which starts with the package manager's name
 * @param manifest path of the `package.json` that it installs for, as the user would type it
 */
export function explainInstall(
  label: string,
  manifest: string,
  output: readonly string[],
): Explanation | undefined {
  const program = label.split(' ')[0] ?? 'npm';
  const text = output.join('\n');
  if (OUT_OF_STEP.some(pattern => pattern.test(text))) return outOfStep(program, manifest, output);
  const absent = captured(ABSENT, output);
  if (absent !== undefined) {
    return {
      message: `${program} could not install "${absent}": the registry has no such package or version`,
      help: `Check the name and the version in ${manifest} and in the packages that it depends on. A private package needs its registry in .npmrc.`,
    };
  }
  if (NOT_ADMITTED.test(text)) {
    return {
      message: `${program} was refused by the package registry: it asks for credentials that it was not given`,
      help: `Give them in an .npmrc file: the one of your user, or one in the project that takes the token from a variable, as in //registry.example.com/:_authToken=\${NPM_TOKEN}.`,
    };
  }
  const range = captured(OTHER_NODE, output) ?? captured(OTHER_NODE, [text.replaceAll('\n', ' ')]);
  if (range !== undefined) {
    return {
      message: `${program} refuses Node ${process.versions.node}: a package asks for ${range}`,
      help: `Build with a Node of ${range}, or change "engines" in ${manifest}; engine-strict in .npmrc is what makes it an error.`,
    };
  }
  const unreachable = UNREACHABLE.exec(text)?.[1];
  if (unreachable === undefined) return undefined;
  return {
    message: `${program} could not reach the package registry (${unreachable})`,
    help: 'Check the connection, a proxy (HTTPS_PROXY), and "registry" in .npmrc.',
  };
}

function outOfStep(program: string, manifest: string, output: readonly string[]): Explanation {
  const missing = output.flatMap(line => /Missing: (\S+) from lock file/.exec(line)?.[1] ?? []);
  const named = missing.slice(0, NAMED).join(', ');
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  const which = missing.length > 0 ? `: it lacks ${named}${more}` : '';
  return {
    message: `the lockfile does not fit ${manifest}${which}`,
    help: `Builds install exactly what the lockfile says. Run \`${program} install\` and commit the lockfile.`,
  };
}

function captured(patterns: readonly RegExp[], lines: readonly string[]): string | undefined {
  for (const line of lines) {
    for (const pattern of patterns) {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
