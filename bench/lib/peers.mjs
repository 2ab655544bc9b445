import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const peers = join(repository, 'bench', '.peers');

export const SVC = join(repository, 'packages', 'cli', 'bin', 'svc.js');
export const TURBO = join(repository, 'node_modules', '.bin', 'turbo');
export const VERCEL_VERSION = '64.0.2';

/** What the vendor's CLI and the frameworks that it builds are run with: nobody is called, and nothing of this machine's user read. */
export function vendorEnvironment(home) {
  return {
    XDG_DATA_HOME: home,
    XDG_CONFIG_HOME: home,
    VERCEL_TELEMETRY_DISABLED: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    NO_UPDATE_NOTIFIER: '1',
    CI: '1',
  };
}

/** Installs the vendor's CLI on first use, apart from the repository's own dependencies, and gives its path. */
export function installVercel() {
  const bin = join(peers, 'node_modules', '.bin', 'vercel');
  if (existsSync(bin)) return bin;
  mkdirSync(peers, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { vercel: VERCEL_VERSION },
    overrides: { sandbox: '4.5.0' },
  };
  writeFileSync(join(peers, 'package.json'), JSON.stringify(manifest));
  execFileSync('npm', ['install', '--no-fund', '--no-audit', '--no-package-lock'], {
    cwd: peers,
    stdio: 'inherit',
  });
  return bin;
}
