import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { edit, randomNumbers, writeTool } from './support/cache-edits.ts';
import { cachedProject, outcomes, treeOf } from './support/cached-project.ts';
import { build, temporaryFolder } from './support/cli.ts';

/** `npm run test:cache-campaign` makes 500 edits; every run of the tests makes a few of them. */
const EDITS = Number(process.env.SVC_CAMPAIGN_EDITS ?? 12);
const SEED = Number(process.env.SVC_CAMPAIGN_SEED ?? Math.floor(Date.now() / 86_400_000));

/** Shows all that a step can see, so that whatever a key forgets shows in the output. */
const BUILD = `import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
const show = folder => existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true })
  .map(entry => [entry.parentPath + '/' + entry.name, entry])
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([path, entry]) => entry.isFile() ? path + ' ' + (statSync(path).mode & 0o111 ? 'x ' : '') + readFileSync(path, 'utf8') : path) : [];
const text = path => existsSync(path) ? readFileSync(path, 'utf8') : 'none';
mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', JSON.stringify({
  src: show('src'), shared: show('../../shared'), lib: show('../../packages/lib'), lock: text('../../package-lock.json'),
  color: process.env.COLOR ?? null, extra: process.env.EXTRA ?? null, unrelated: process.env.UNRELATED ?? null,
  tool: execFileSync('our-tool').toString(),
}, null, 1));
`;

it(`${EDITS} random edits (seed ${SEED}): what comes from the cache is what a clean build gives`, async () => {
  const random = randomNumbers(SEED);
  const service = (name: string) => ({
    root: `apps/${name}`,
    buildCommand: 'our-tool && node build.mjs',
    outputDirectory: 'dist',
  });
  const files = (name: string) => ({
    [`apps/${name}/build.mjs`]: BUILD,
    [`apps/${name}/build.env`]: 'EXTRA=0\n',
    [`apps/${name}/src/a.txt`]: `${name}\n`,
    [`apps/${name}/src/deep/b.txt`]: 'b\n',
    [`apps/${name}/src/deep/c.txt`]: 'c\n',
  });
  const project = await cachedProject({
    'vercel.json': { services: { web: service('web'), api: service('api'), docs: service('docs') } },
    'svc.json': {
      services: {
        web: { env: ['COLOR'], envFiles: ['apps/web/build.env'] },
        api: { envFiles: ['apps/api/build.env'] },
        docs: { envFiles: ['apps/docs/build.env'] },
      },
    },
    'packages/lib/index.txt': 'lib\n',
    ...files('web'),
    ...files('api'),
    ...files('docs'),
  });
  const tools = join(await temporaryFolder(), 'tools');
  writeTool(tools, 0);
  const env: Record<string, string> = { PATH: `${tools}:${process.env.PATH}` };
  const clean = join(await temporaryFolder(), 'clean');
  let stale = 0;
  let built = 0;
  let needed = 0;
  let before: Record<string, string> = {};
  for (let round = 0; round < EDITS; round++) {
    const what = round === 0 ? 'nothing yet' : edit({ folder: project.folder, tools, env }, random);
    // Every few edits, the deployment is gone as well, as in CI.
    if (random() < 0.2) rmSync(join(project.folder, '.vercel/output'), { recursive: true, force: true });
    const state = outcomes(await project.build([], env));
    rmSync(clean, { recursive: true, force: true });
    await build(project.folder, ['--no-cache', '--output', clean], { ...env });
    const cached = treeOf(join(project.folder, '.vercel/output'));
    const fresh = treeOf(clean);
    try {
      expect(cached).toEqual(fresh);
    } catch (error) {
      stale++;
      throw new Error(`stale after edit ${round}, ${what}, seed ${SEED}: ${(error as Error).message}`);
    }
    const changed = ['web', 'api', 'docs'].filter(name => {
      const own = (tree: Record<string, string>) =>
        JSON.stringify(Object.entries(tree).filter(([path]) => path.startsWith(`services/${name}/`)));
      return own(fresh) !== own(before);
    });
    needed += changed.length;
    if (state !== 'unchanged') built += Object.values(state).filter(each => each === 'built').length;
    before = fresh;
  }
  console.log(
    `${EDITS} edits, seed ${SEED}: ${stale} stale results; ${built} services built where ${needed} outputs changed (${Math.round((100 * Math.max(0, built - needed)) / Math.max(1, 3 * EDITS))} % built in vain)`,
  );
  expect(stale).toBe(0);
}, 7_200_000);
