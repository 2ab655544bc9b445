import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Failure } from '@svc/contracts';

export interface NpmEnd {
  readonly ok: boolean;
  readonly lines: readonly string[];
  /** npm itself is not on this machine. */
  readonly isMissing: boolean;
}

/** No scripts: a package that is only to be loaded has no business running programs while it is installed. */
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

/** Runs npm in a folder; what it says is kept rather than shown. */
export async function runNpm(args: readonly string[], cwd: string): Promise<NpmEnd> {
  const child = spawn('npm', [...args, ...QUIET], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (text += String(part)));
  const lines = () => text.split('\n').filter(line => line.trim() !== '');
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { ok: code === 0, lines: lines(), isMissing: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { ok: false, lines: [], isMissing: true };
  }
}

const UNREACHABLE =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;

/** What npm's output means for somebody who did not know that npm was running. `shown` is the package as it was asked for. */
export function explainNpm(shown: string, end: NpmEnd): Failure {
  if (end.isMissing) {
    return {
      code: 'package-manager-missing',
      message: `npm, which installs the builder ${shown}, is not on this machine`,
      help: 'Install npm (it comes with Node.js) and see that it is on the PATH.',
    };
  }
  const text = end.lines.join('\n');
  const output = end.lines.slice(-20);
  if (/\bE404\b|\bETARGET\b/.test(text)) {
    const what = /\bETARGET\b/.test(text) ? 'has no such version' : 'does not exist in the registry';
    return {
      code: 'builder-not-found',
      message: `the builder package ${shown} ${what}`,
      help: 'Correct "builder" in svc.json, or configure the registry that has it in .npmrc.',
      output,
    };
  }
  const unreachable = UNREACHABLE.exec(text)?.[0];
  if (unreachable) {
    return {
      code: 'builder-install-failed',
      message: `the builder ${shown} is not installed on this machine yet, and the registry can't be reached (${unreachable})`,
      help: 'It is fetched once and used offline from then on: connect, or set npm_config_registry to a registry that is in reach.',
      output,
    };
  }
  if (/\bEINTEGRITY\b/.test(text)) {
    return {
      code: 'builder-install-failed',
      message: `what the registry has of the builder ${shown} is not what the lockfile vouches for`,
      help: 'Somebody has changed a published package, or a mirror is broken: compare the integrity hashes before going on.',
      output,
    };
  }
  return {
    code: 'builder-install-failed',
    message: `npm could not install the builder ${shown}`,
    help: 'The output below says why.',
    output,
  };
}
