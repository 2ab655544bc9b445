import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure, SvcEvent } from '@svc/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePrograms, type Programs } from '../builders/node/test/support/build.ts';
import { launch } from '../builders/node/test/support/launch.ts';
import { build, eventsIn, outputOf, projectOf, svc, writeFiles } from './support/cli.ts';

const WEB = {
  name: 'site',
  dependencies: { next: '16.4.6', react: '19.2.0', 'react-dom': '19.2.0', '@acme/words': '*' },
};
const PAGE = `
  import { greeting } from '@acme/words';
  export const getStaticProps = () => ({ props: { greeting }, revalidate: 60 });
  export default function Home(props) { return <h1>{props.greeting}</h1>; }`;
// The command is the service's own: it takes the place of the script, and it can tell whether a cache was kept.
const COMMAND = 'test ! -f .next/cache/kept || echo the cache was kept; next build && touch .next/cache/kept';

/** The pages router, in a workspace, with a package beside it. */
const FILES = {
  'package.json': { private: true, workspaces: ['apps/*', 'packages/*'] },
  'packages/words/package.json': { name: '@acme/words', version: '1.0.0', main: 'index.js' },
  'packages/words/index.js': 'exports.greeting = "Words of the workspace";',
  'apps/site/package.json': { ...WEB, scripts: { build: 'echo the script must not run && exit 1' } },
  'apps/site/pages/index.js': PAGE,
  'apps/site/pages/[slug].js': `
    export const getServerSideProps = ({ params }) => ({ props: params });
    export default function Slug({ slug }) { return <p>{'page ' + slug}</p>; }`,
  'apps/site/pages/api/ping.js': `
    const { greeting } = require('@acme/words');
    export default function handler(request, response) { response.status(200).json({ ping: request.query.of, greeting }); }`,
  'vercel.json': {
    services: { site: { root: 'apps/site', buildCommand: COMMAND } },
    rewrites: [{ source: '/(.*)', destination: { service: 'site' } }],
  },
  '.gitignore': 'node_modules\n.next\n',
};

let project: string;
let first: SvcEvent[];
let programs: Programs;

beforeAll(async () => {
  programs = await bundlePrograms();
  project = await projectOf(FILES);
  first = await build(project);
});
afterAll(() => rm(programs.folder, { recursive: true, force: true }));

/** The failures of a build that must not succeed. */
async function failuresOf(): Promise<readonly Failure[]> {
  const ended = await svc(['build', '--json'], { cwd: project });
  expect(ended.code, ended.stderr).toBeGreaterThan(1);
  return eventsIn(ended.stdout).flatMap(event =>
    event.type === 'failure' || event.type === 'service.failed' ? [event.failure] : [],
  );
}

describe('a Next.js service with the pages router in a workspace', () => {
  it('is built by its own command, after one install of the workspace', () => {
    const labels = first.flatMap(event => (event.type === 'step.started' ? [event.label] : []));
    expect(labels).toEqual([
      'npm install',
      'install the builder @vercel/next@23.0.0',
      'build with @vercel/next',
    ]);
  });

  it('has functions that run alone, with what they use of the workspace', async () => {
    const folder = join(project, '.vercel/output/services/site/functions');
    const api = await launch(programs.launcher, join(folder, 'api/ping.func'));
    const answer = await (await fetch(`${api.origin}/api/ping?of=Ada`)).json();
    await api.stop();
    expect(answer).toEqual({ ping: 'Ada', greeting: 'Words of the workspace' });
    const page = await launch(programs.launcher, join(folder, '[slug].func'));
    const text = await (await fetch(`${page.origin}/lamps`)).text();
    await page.stop();
    expect(text).toContain('page lamps');
  });

  it('finds its cache again in the next build', async () => {
    const step = first.flatMap(event => (event.type === 'step.started' ? [event.step] : [])).at(-1) ?? '';
    expect(outputOf(first, step)).not.toContain('the cache was kept');
    expect(outputOf(await build(project), step)).toContain('the cache was kept');
  });
});

describe('a Next.js service that fails', () => {
  it('is told with the file and the line of a mistake', async () => {
    await writeFiles(project, {
      'apps/site/pages/index.js': 'export default function Home() {\n  return <h1>Home</h2>;\n}\n',
    });
    const [failure] = await failuresOf();
    await writeFiles(project, { 'apps/site/pages/index.js': PAGE });
    expect(failure).toMatchObject({
      code: 'build-failed',
      service: 'site',
      position: { file: 'apps/site/pages/index.js', line: 2 },
    });
  });

  it('is told when package.json does not depend on Next.js', async () => {
    const { next: _, ...others } = WEB.dependencies;
    await writeFiles(project, {
      'apps/site/package.json': { ...WEB, dependencies: others },
      'vercel.json': {
        ...FILES['vercel.json'],
        services: { site: { root: 'apps/site', framework: 'nextjs' } },
      },
    });
    const failures = await failuresOf();
    await writeFiles(project, { 'apps/site/package.json': WEB, 'vercel.json': FILES['vercel.json'] });
    expect(failures).toMatchObject([
      {
        code: 'framework-not-installed',
        service: 'site',
        message: 'service "site" is a Next.js app, but apps/site/package.json does not depend on "next"',
      },
    ]);
  });

  it('is told when the lockfile lacks it', async () => {
    await writeFiles(project, {
      'package-lock.json': {
        name: 'project',
        lockfileVersion: 3,
        requires: true,
        packages: { '': FILES['package.json'] },
      },
    });
    const failures = await failuresOf();
    await rm(join(project, 'package-lock.json'));
    expect(failures).toMatchObject([
      {
        code: 'install-failed',
        service: 'site',
        message: expect.stringContaining('the lockfile does not fit package.json'),
      },
    ]);
  });

  it('is told when svc.json names a builder that does not exist', async () => {
    await writeFiles(project, {
      'svc.json': { services: { site: { builder: 'vercel:@vercel/no-such-builder' } } },
    });
    const failures = await failuresOf();
    await rm(join(project, 'svc.json'));
    expect(failures).toMatchObject([
      {
        code: 'builder-not-found',
        service: 'site',
        message: expect.stringContaining('@vercel/no-such-builder'),
      },
    ]);
  });

  it('is told when the builder is not there yet and the registry is out of reach', async () => {
    const env = {
      XDG_CACHE_HOME: join(project, '..', 'empty-cache'),
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: join(project, '..', 'empty-npm'),
      npm_config_fetch_retries: '0',
    };
    const ended = await svc(['build'], { cwd: project, env });
    expect(ended.code).toBe(30);
    expect(ended.stderr + ended.stdout).toMatch(
      /site: the builder @vercel\/next 23\.0\.0 is not installed on this machine yet, and the registry can't be reached/,
    );
  });
});
