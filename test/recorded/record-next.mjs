// Records what the vendor's CLI makes of the Next.js service of fixtures/next-fastapi: its routes, files and function settings,
// into vercel/next-fastapi.json. The FastAPI service is left out, which changes nothing for the other.
//
//   node test/recorded/record-next.mjs [FOLDER]     FOLDER: where the CLI is installed, or is to be; else a temporary one
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeService } from './describe-service.mjs';
import { buildWithVendor, installVendorCli, VENDOR_VERSION } from './vendor-cli.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const fixture = join(here, '../../fixtures/next-fastapi');
const scratch = await mkdtemp(join(tmpdir(), 'record-next-'));
try {
  const tools = process.argv[2] ?? join(scratch, 'cli');
  const project = join(scratch, 'project');
  await mkdir(join(project, '.vercel'), { recursive: true });
  await mkdir(tools, { recursive: true });
  const cli = await installVendorCli(tools);
  await cp(join(fixture, 'web'), join(project, 'web'), {
    recursive: true,
    filter: path => !/\/(node_modules|\.next)$/.test(path),
  });
  const { services } = JSON.parse(await readFile(join(fixture, 'vercel.json'), 'utf8'));
  const { bindings: _, ...web } = services.web;
  const config = { services: { web }, rewrites: [{ source: '/(.*)', destination: { service: 'web' } }] };
  await writeFile(join(project, 'vercel.json'), JSON.stringify(config));
  const link = { projectId: 'prj_x', orgId: 'team_x', settings: { framework: 'services' } };
  await writeFile(join(project, '.vercel/project.json'), JSON.stringify(link));
  await buildWithVendor(cli, project, join(scratch, 'home'));
  const described = await describeService(join(project, '.vercel/output/services/web'));
  const text = JSON.stringify({ cli: VENDOR_VERSION, web: described }, null, 2);
  if (text.includes(scratch)) throw new Error('the recording holds a path of this machine');
  await writeFile(join(here, 'vercel/next-fastapi.json'), `${text}\n`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
