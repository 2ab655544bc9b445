// The vendor's CLI for the scripts that record what it makes of projects. Needs the network once, for npm.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VERCEL_VERSION, vendorEnvironment } from '../../bench/lib/peers.mjs';

const run = promisify(execFile);
export const VENDOR_VERSION = VERCEL_VERSION;

/** Installs the CLI into a folder unless it is there; returns its program. */
export async function installVendorCli(folder) {
  const entry = join(folder, 'node_modules', 'vercel', 'dist', 'vc.js');
  if (!existsSync(entry)) {
    const manifest = { private: true, dependencies: { vercel: VENDOR_VERSION }, overrides: { sandbox: '4.5.0' } };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, maxBuffer: 1 << 26 });
  }
  const { version } = JSON.parse(await readFile(join(folder, 'node_modules', 'vercel', 'package.json'), 'utf8'));
  if (version !== VENDOR_VERSION) throw new Error(`vercel ${version} is installed in ${folder}; this records ${VENDOR_VERSION}`);
  return entry;
}

/** Runs `vercel build` in a project folder, with a home of its own. */
export async function buildWithVendor(cli, folder, home) {
  const env = { ...vendorEnvironment(home), PATH: process.env.PATH, HOME: home };
  await run(process.execPath, [cli, 'build', '--yes'], { cwd: folder, env, maxBuffer: 1 << 26 });
}
