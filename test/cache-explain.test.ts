import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { type CachedProject, cachedProject } from './support/cached-project.ts';
import { writeTool } from './support/campaign-project.ts';
import { svc, temporaryFolder } from './support/cli.ts';

let project: CachedProject;
let tools: string;
const env: Record<string, string> = {};
const at = (path: string) => join(project.folder, path);

beforeAll(async () => {
  tools = join(await temporaryFolder(), 'tools');
  writeTool(tools, 1);
  env.PATH = `${tools}:${process.env.PATH}`;
  project = await cachedProject({
    'svc.json': { services: { web: { env: ['OUR_COLOR'], envFiles: ['apps/web/build.env'] } } },
    'apps/web/build.env': 'EXTRA=0\n',
    'packages/lib/index.txt': 'lib\n',
  });
  config(web => {
    web.buildCommand = 'our-tool && node build.mjs';
  });
  await project.build([], env);
});

function config(change: (web: Record<string, unknown>, whole: Record<string, unknown>) => void): void {
  const file = at('vercel.json');
  const whole = JSON.parse(readFileSync(file, 'utf8'));
  change(whole.services.web, whole);
  writeFileSync(file, JSON.stringify(whole, null, 2));
}

/** In this order, each on top of those before. */
const CHANGES: readonly (readonly [string, () => void])[] = [
  ['a source changed', () => appendFileSync(at('apps/web/src/index.txt'), 'more')],
  ['a source is new', () => writeFileSync(at('apps/web/src/new.txt'), 'new')],
  ['a source was deleted', () => rmSync(at('apps/web/src/new.txt'))],
  [
    'a source was renamed',
    () => renameSync(at('apps/web/src/deep/er.txt'), at('apps/web/src/deep/renamed.txt')),
  ],
  ['a source became executable', () => chmodSync(at('apps/web/src/index.txt'), 0o755)],
  [
    'a source became a link',
    () => {
      rmSync(at('apps/web/src/deep/renamed.txt'));
      symlinkSync('../index.txt', at('apps/web/src/deep/renamed.txt'));
    },
  ],
  ['an empty folder is new', () => mkdirSync(at('apps/web/src/empty'))],
  ['a shared file changed', () => appendFileSync(at('shared/common.txt'), 'more')],
  ['a package of the workspace changed', () => appendFileSync(at('packages/lib/index.txt'), 'more')],
  ['a manifest is new at the root', () => writeFileSync(at('package.json'), '{"private":true}\n')],
  [
    'a variable is set',
    () => {
      env.OUR_COLOR = 'red';
    },
  ],
  [
    'a variable has another value',
    () => {
      env.OUR_COLOR = 'blue';
    },
  ],
  [
    'a variable is gone',
    () => {
      delete env.OUR_COLOR;
    },
  ],
  [
    'CI is set',
    () => {
      env.CI = '1';
    },
  ],
  ['an env file has another value', () => writeFileSync(at('apps/web/build.env'), 'EXTRA=1\n')],
  ['a program is another version', () => writeTool(tools, 2)],
  [
    'the build command changed',
    () =>
      config(web => {
        web.buildCommand = 'our-tool; node build.mjs';
      }),
  ],
  [
    'headers are new',
    () =>
      config(web => {
        web.headers = [{ source: '/(.*)', headers: [{ key: 'a', value: 'b' }] }];
      }),
  ],
  [
    'cleanUrls of the project',
    () =>
      config((_, whole) => {
        whole.cleanUrls = true;
      }),
  ],
  [
    'a binding is new, which is none of the build’s business',
    () =>
      config(web => {
        web.bindings = [{ type: 'service', service: 'api', format: 'url', env: 'API' }];
      }),
  ],
  ['another service changed', () => appendFileSync(at('apps/api/src/index.txt'), 'more')],
];

it('names the change, whatever it is', async () => {
  const told: string[] = [];
  for (const [what, change] of CHANGES) {
    change();
    await project.build([], env);
    told.push(`# ${what}\n${await project.explain('web')}`);
  }
  rmSync(at('.vercel'), { recursive: true });
  await project.build(['--force'], env);
  told.push(`# --force\n${await project.explain('web')}`);
  await project.build([], env);
  told.push(`# nothing\n${await project.explain('web')}`);
  await expect(`${told.join('\n')}`).toMatchFileSnapshot('__snapshots__/explain.txt');
});

it('says which services there are, and when there is nothing to explain', async () => {
  const unknown = await svc(['explain', 'wob'], { cwd: project.folder, env: project.env });
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('Did you mean "web"?');
  const fresh = await cachedProject();
  expect((await svc(['explain'], { cwd: fresh.folder, env: fresh.env })).stderr).toContain(
    'Run svc build first',
  );
});
