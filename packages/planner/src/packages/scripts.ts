import type { JsonObject, PackageManager } from '@svc/contracts';
import { isObject } from '../checkout.ts';

/** A script of a `package.json` as a step runs it. */
export interface Script {
  /** For the shell. */
  readonly line: string;
  /** As a person would type it. */
  readonly label: string;
  /** What npm would set for the script and does not depend on the machine. */
  readonly env: Readonly<Record<string, string>>;
}

/** How scripts run under a package manager. */
export interface ScriptRunner {
  readonly manager: PackageManager['name'];
  /** Whether `prebuild` and `postbuild` run around `build`: not in Yarn 2 and later, nor by default in pnpm before 9. */
  readonly hooks: boolean;
  /** Yarn Plug'n'Play: there is no `node_modules/.bin`, so only yarn finds programs. */
  readonly plugAndPlay: boolean;
}

/**
 * Composes a script with its hooks into one shell line. svc runs the line itself, with `node_modules/.bin` on the path,
 * because starting the package manager for it costs 200 ms each time. `undefined` when there is no such script.
 */
export function composeScript(
  packageJson: JsonObject | null,
  name: string,
  runner: ScriptRunner,
): Script | undefined {
  const main = scriptText(packageJson, name);
  if (packageJson === null || main === undefined) return undefined;
  const label = `${runner.manager} run ${name}`;
  if (runner.plugAndPlay) return { line: `yarn run ${name}`, label, env: {} };

  const before = runner.hooks ? scriptText(packageJson, `pre${name}`) : undefined;
  const after = runner.hooks ? scriptText(packageJson, `post${name}`) : undefined;
  const line =
    before === undefined && after === undefined
      ? main
      : [hook(`pre${name}`, before), subshell(main), hook(`post${name}`, after)]
          .filter(part => part !== '')
          .join(' && ');
  return { line, label, env: scriptVariables(packageJson, name, main) };
}

/** A command that is no script, under Plug'n'Play: through yarn, so that it finds the project's programs. */
export function throughYarn(line: string): string {
  return `yarn exec '${line.replaceAll("'", `'\\''`)}'`;
}

function hook(name: string, text: string | undefined): string {
  return text === undefined ? '' : subshell(`export npm_lifecycle_event=${name}\n${text}`);
}

/** On lines of its own, so that a comment at the end of a script does not swallow the bracket. */
function subshell(text: string): string {
  return `(\n${text}\n)`;
}

function scriptText(packageJson: JsonObject | null, name: string): string | undefined {
  const scripts = packageJson?.scripts;
  const text = isObject(scripts) && Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

function scriptVariables(packageJson: JsonObject, name: string, text: string): Record<string, string> {
  const { name: packageName, version } = packageJson;
  return {
    npm_command: 'run-script',
    npm_lifecycle_event: name,
    npm_lifecycle_script: text,
    ...(typeof packageName === 'string' ? { npm_package_name: packageName } : {}),
    ...(typeof version === 'string' ? { npm_package_version: version } : {}),
  };
}
