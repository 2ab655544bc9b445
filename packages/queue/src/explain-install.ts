/** What package managers say when the lockfile and the manifests disagree and they may not change it. */
const OUT_OF_STEP = [
  /can only install packages when your package\.json and .* are in sync/, // npm
  /ERR_PNPM_OUTDATED_LOCKFILE/,
  /The lockfile would have been modified by this install/, // yarn 2 and later
  /Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`/, // yarn 1
  /lockfile had changes, but lockfile is frozen/, // bun
];

/** How many of the packages that npm misses are named. */
const NAMED = 3;

/**
 * In the user's words why an install failed, where its output tells; undefined where the last lines must speak for
 * themselves. Package managers end with a page of options, so the cause is often not among the last lines.
 */
export function explainInstall(
  label: string,
  output: readonly string[],
): { readonly message: string; readonly help: string } | undefined {
  if (!output.some(line => OUT_OF_STEP.some(pattern => pattern.test(line)))) return undefined;
  const program = label.split(' ')[0] ?? 'npm';
  const missing = output.flatMap(line => /Missing: (\S+) from lock file/.exec(line)?.[1] ?? []);
  const named = missing.slice(0, NAMED).join(', ');
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  const which = missing.length > 0 ? `: it lacks ${named}${more}` : '';
  return {
    message: `the lockfile does not fit package.json${which}`,
    help: `Builds install exactly what the lockfile says. Run \`${program} install\` and commit the lockfile.`,
  };
}
