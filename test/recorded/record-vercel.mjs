// Records what the vendor's CLI makes of the ten configurations in configs/: the top-level routes, and each service's
// routes and overrides, into vercel/. Needs the network once, for npm; the builds themselves need none.
//
//   node test/recorded/record-vercel.mjs [FOLDER]     FOLDER: where the CLI is installed, or is to be; else a temporary one
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithVendor as build, installVendorCli as installCli, VENDOR_VERSION as VERSION } from './vendor-cli.mjs';

const here = dirname(fileURLToPath(import.meta.url));

async function writeProject(folder, { config, files }) {
  const link = { projectId: 'prj_x', orgId: 'team_x', settings: { framework: 'services' } };
  const all = { ...files, 'vercel.json': JSON.stringify(config), '.vercel/project.json': JSON.stringify(link) };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function recorded(folder, services) {
  const read = async path => JSON.parse(await readFile(join(folder, '.vercel', 'output', path, 'config.json'), 'utf8'));
  const pick = ({ routes, overrides }) => ({ routes, ...(overrides ? { overrides } : {}) });
  const result = { routes: (await read('.')).routes, services: {} };
  for (const name of services) result.services[name] = pick(await read(join('services', name)));
  return result;
}

const scratch = await mkdtemp(join(tmpdir(), 'record-vercel-'));
try {
  const tools = process.argv[2] ?? join(scratch, 'cli');
  await mkdir(tools, { recursive: true });
  const cli = await installCli(tools);
  await mkdir(join(here, 'vercel'), { recursive: true });
  for (const file of (await readdir(join(here, 'configs'))).sort()) {
    const project = JSON.parse(await readFile(join(here, 'configs', file), 'utf8'));
    const folder = join(scratch, basename(file, '.json'));
    await writeProject(folder, project);
    await build(cli, folder, join(scratch, 'home'));
    const result = { cli: VERSION, ...(await recorded(folder, Object.keys(project.config.services))) };
    const text = JSON.stringify(result, null, 2);
    if (text.includes(scratch)) throw new Error(`${file}: the recording holds a path of this machine`);
    await writeFile(join(here, 'vercel', file), `${text}\n`);
    console.log(`recorded ${file}`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
