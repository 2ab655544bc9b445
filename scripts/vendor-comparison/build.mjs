import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installVercel, SVC, vendorEnvironment } from '../../bench/lib/peers.mjs';

const run = promisify(execFile);
const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Builds one service by svc and by the vendor's CLI, each in a copy of the fixture of its own; gives the service's output trees. */
export async function buildBoth(compared, scratch, tools) {
  const name = `${compared.fixture}-${compared.service}`;
  const tree = folder => join(folder, '.vercel/output/services', compared.service);
  const ours = join(scratch, 'svc', name);
  if (!existsSync(join(tree(ours), 'config.json'))) {
    await project(compared, ours);
    await call(process.execPath, [SVC, 'build'], ours, tools);
  }
  const theirs = join(scratch, 'vendor', name);
  if (!existsSync(join(tree(theirs), 'config.json'))) {
    await project(compared, theirs);
    await writeJson(join(theirs, '.vercel/project.json'), {
      projectId: 'prj_x',
      orgId: 'team_x',
      settings: { framework: 'services' },
    });
    await call(tools.vercel, ['build', '--yes'], theirs, tools);
  }
  return { ours: tree(ours), theirs: tree(theirs) };
}

/** The fixture with this service alone, reachable at `/`. */
async function project({ fixture, service, settings = {}, goModule }, folder) {
  await rm(folder, { recursive: true, force: true });
  const generated = /(^|\/)(node_modules|dist|target|\.next|\.svc|\.vercel|__pycache__)$/;
  await cp(join(repository, 'fixtures', fixture), folder, {
    recursive: true,
    filter: path => !generated.test(path.slice(repository.length)),
  });
  const config = JSON.parse(await readFile(join(folder, 'vercel.json'), 'utf8'));
  const { bindings: _, ...own } = config.services[service];
  await writeJson(join(folder, 'vercel.json'), {
    services: { [service]: { ...own, ...settings } },
    rewrites: [{ source: '/(.*)', destination: { service } }],
  });
  if (goModule) await useInstalledGo(join(folder, goModule));
}

async function useInstalledGo(file) {
  const { stdout } = await run('go', ['env', 'GOVERSION']);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^go .*$/m, `go ${stdout.trim().slice('go'.length)}`));
}

async function call(program, args, cwd, { path, home }) {
  const env = { ...vendorEnvironment(home), PATH: path, HOME: process.env.HOME };
  try {
    await run(program, args, { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
  } catch (error) {
    const said = `${error.stdout}\n${error.stderr}`.trim().split('\n').slice(-40).join('\n');
    throw new Error(`${program} ${args.join(' ')} failed in ${cwd}:\n${said}`);
  }
}

/** The vendor's CLI, and a `PATH` on which it finds what it builds Python and Rust with: uv, cargo-zigbuild and zig, from PyPI. */
export async function prepareTools(scratch) {
  const { stdout } = await run('python3', ['-c', 'import sys; print(sys.version_info >= (3, 12))']);
  if (stdout.trim() !== 'True')
    throw new Error("the vendor's runtime needs Python 3.12 or later: put one first on PATH");
  const vercel = installVercel();
  const venv = join(dirname(dirname(dirname(vercel))), 'python');
  if (!existsSync(venv)) await run('python3', ['-m', 'venv', venv]);
  const python = join(venv, 'bin/python');
  await run(python, ['-m', 'pip', 'install', '--quiet', 'uv', 'cargo-zigbuild', 'ziglang']);
  // Only these: the environment's own python3 must not hide the one that builds.
  const bin = join(scratch, 'tools', 'bin');
  await mkdir(bin, { recursive: true });
  for (const program of ['uv', 'cargo-zigbuild']) await cp(join(venv, 'bin', program), join(bin, program));
  await writeFile(join(bin, 'zig'), `#!/bin/sh\nexec ${python} -m ziglang "$@"\n`, { mode: 0o755 });
  return { vercel, path: [bin, process.env.PATH].join(delimiter), home: join(scratch, 'home') };
}

async function writeJson(path, value) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
