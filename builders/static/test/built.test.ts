import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build, configOf, put, site, textOf } from './support/service.ts';

const make = (...files: string[]) =>
  files.map(file => `mkdir -p "$(dirname '${file}')" && printf '%s' '${file}' > '${file}'`).join(' && ');

describe('what a build leaves', () => {
  it('is published whole', async () => {
    const finished = await build(site({ 'src.md': '' }), {
      service: { buildCommand: make('public/index.html', 'public/.nojekyll', 'public/a/b.js.map') },
    });
    expect(finished.files).toEqual(['static/.nojekyll', 'static/a/b.js.map', 'static/index.html']);
  });

  it('in the root itself is published like a plain folder', async () => {
    const finished = await build(site({ 'package.json': '', 'node_modules/x.js': '' }), {
      service: { buildCommand: make('index.html'), outputDirectory: '.' },
    });
    expect(finished.files).toEqual(['static/index.html']);
  });

  it('brings the version of the framework that is installed, in the service or above it', async () => {
    const where = site({ 'index.html': '' }, 'apps/web');
    put(join(where.boundary, 'node_modules/vite/package.json'), '{"version":"6.3.5"}');
    const options = { framework: 'vite', service: { buildCommand: make('dist/index.html') } };
    expect(configOf(await build(where, options)).framework).toEqual({ slug: 'vite', version: '6.3.5' });
    expect(configOf(await build(site({ x: '' }), options)).framework).toEqual({ slug: 'vite', version: '' });
  });
});

describe('an output that is not as it should be', () => {
  const missing = (buildCommand: string) =>
    build(site({ 'src/x': '' }), { framework: 'vite', service: { buildCommand } });

  it('missing: names the folders that the build did leave, those with a page first', async () => {
    const { result } = await missing(make('build/client/index.html', 'cache/x'));
    expect(result).toEqual({
      ok: false,
      failures: [
        {
          code: 'output-directory-missing',
          service: 'site',
          message: expect.stringMatching(/^".*" of service "site" left no folder "dist"$/),
          help: 'Folders with an index.html: build/client. Set the one to publish in the service: "outputDirectory": "build/client".',
        },
      ],
    });
  });

  it('missing, with no page anywhere: names the folders that are there', async () => {
    const { result } = await missing(make('cache/x'));
    expect(result).toMatchObject({
      failures: [{ help: expect.stringContaining('Folders that are there: cache, src.') }],
    });
  });

  it('empty', async () => {
    expect((await missing('mkdir dist')).result).toMatchObject({
      failures: [{ code: 'output-directory-empty' }],
    });
  });

  it('not a folder', async () => {
    expect((await missing(make('dist'))).result).toMatchObject({
      failures: [{ code: 'output-directory-not-a-directory' }],
    });
  });
});

describe('frameworks that decide themselves where they build to', () => {
  const cases: [string, Record<string, string>, string][] = [
    ['angular', {}, 'dist/shop/browser/index.html'],
    ['angular', {}, 'dist/shop/index.html'],
    ['docusaurus-2', {}, 'build/index.html'],
    ['docusaurus', {}, 'build/site/index.html'],
    ['hugo', { 'config.toml': 'publishDir = "site"' }, 'site/index.html'],
    ['hugo', {}, 'public/index.html'],
    ['jekyll', { '_config.yml': 'destination: web' }, 'web/index.html'],
    ['jekyll', {}, '_site/index.html'],
  ];
  for (const [framework, files, made] of cases) {
    it(`${framework}: ${made}`, async () => {
      const also = framework === 'docusaurus-2' ? [made, 'build/blog/x.html'] : [made];
      const finished = await build(site({ x: '', ...files }), {
        framework,
        service: { buildCommand: make(...also) },
      });
      expect(finished.files).toContain('static/index.html');
      expect(configOf(finished).framework?.slug).toBe(framework);
    });
  }
});

it('a framework whose settings lead out of the root is an error', async () => {
  const options = { framework: 'hugo', service: { buildCommand: 'true' } };
  const { result } = await build(site({ 'config.toml': 'publishDir = "../elsewhere"' }), options);
  expect(result).toMatchObject({ failures: [{ code: 'output-escapes', service: 'site' }] });
});

describe('routes', () => {
  const own = [
    { src: '^/old$', status: 308, headers: { Location: '/new' } },
    { handle: 'filesystem' as const },
    { src: '^/api$', dest: '/api.json', check: true },
  ];

  it('of a framework with a fallback come behind the service’s own, in each phase', async () => {
    const options = {
      framework: 'create-react-app',
      service: { buildCommand: make('build/index.html'), routes: own },
    };
    const { routes = [] } = configOf(await build(site({ x: '' }), options));
    const shown = routes.map(route =>
      'handle' in route ? route.handle : `${route.src} ${route.dest ?? ''}`.trim(),
    );
    expect(shown).toEqual([
      ...['^/old$', '/static/(.*)', '/service-worker.js', '/sockjs-node/(.*) /sockjs-node/$1'],
      ...['filesystem', '^/api$ /api.json', '/static/(.*) /404.html', '/(.*) /index.html'],
    ]);
  });

  it('of Vite are the service’s own alone', async () => {
    const options = { framework: 'vite', service: { buildCommand: make('dist/index.html'), routes: own } };
    expect(configOf(await build(site({ x: '' }), options)).routes).toEqual(own);
  });

  it('that Gatsby derives are taken over, and their file is not published', async () => {
    const routes = '[{"src":"/x","dest":"/y"}]';
    const command = `${make('public/index.html')} && printf '%s' '${routes}' > public/__now_routes_g4t5bY.json`;
    const finished = await build(site({ x: '' }), {
      framework: 'gatsby',
      service: { buildCommand: command },
    });
    expect(configOf(finished).routes).toEqual(JSON.parse(routes));
    expect(finished.files).toEqual(['static/index.html']);
  });
});

describe('Build Output that a framework writes itself', () => {
  const output = '.vercel/output';
  const files = {
    [`${output}/config.json`]: JSON.stringify({
      version: 3,
      routes: [{ handle: 'filesystem' }, { src: '/.*', dest: '/__server' }],
      overrides: { 'about.html': { path: 'about', contentType: 'text/html' } },
      crons: [{ path: '/tick', schedule: '* * * * *' }],
    }),
    [`${output}/static/about.html`]: '',
    [`${output}/static/more.html`]: '',
    [`${output}/functions/__server.func/.vc-config.json`]: '{"runtime":"nodejs22.x","handler":"index.mjs"}',
    [`${output}/functions/__server.func/index.mjs`]: 'export default 1',
    'dist/index.html': '',
  };
  const options = {
    framework: 'nitro',
    service: { buildCommand: 'true', routes: [{ src: '^/a$', status: 404 }], cleanUrls: true },
  };

  it('is adopted as it is, under the service’s own routes', async () => {
    const finished = await build(site(files), options);
    expect(finished.files).toEqual([
      'functions/__server.func/.vc-config.json',
      'functions/__server.func/index.mjs',
      'static/about.html',
      'static/more.html',
    ]);
    expect(configOf(finished)).toEqual({
      version: 3,
      routes: [{ src: '^/a$', status: 404 }, { handle: 'filesystem' }, { src: '/.*', dest: '/__server' }],
      overrides: { 'about.html': { path: 'about', contentType: 'text/html' }, 'more.html': { path: 'more' } },
      crons: [{ path: '/tick', schedule: '* * * * *' }],
    });
  });

  it('gets the files that its functions only refer to', async () => {
    const config = {
      runtime: 'nodejs22.x',
      handler: 'site/h.mjs',
      filePathMap: { 'site/h.mjs': 'site/src/h.mjs' },
    };
    const where = site({
      ...files,
      'src/h.mjs': 'handler',
      [`${output}/functions/__server.func/.vc-config.json`]: JSON.stringify(config),
    });
    const finished = await build(where, options);
    expect(textOf(finished, 'functions/__server.func/site/h.mjs')).toBe('handler');
    expect(JSON.parse(textOf(finished, 'functions/__server.func/.vc-config.json'))).toEqual({
      runtime: 'nodejs22.x',
      handler: 'site/h.mjs',
    });
  });

  for (const source of ['site/gone.mjs', '../outside.mjs', '/etc/hostname']) {
    it(`is refused when a function refers to ${source}`, async () => {
      const config = { runtime: 'nodejs22.x', handler: 'h.mjs', filePathMap: { 'h.mjs': source } };
      const where = site({
        ...files,
        [`${output}/functions/__server.func/.vc-config.json`]: JSON.stringify(config),
      });
      expect((await build(where, options)).result).toMatchObject({
        failures: [{ code: 'output-escapes', service: 'site' }],
      });
    });
  }

  it('is not taken for the service’s when it is a whole deployment', async () => {
    const deployment = { ...files, [`${output}/config.json`]: '{"version":3,"services":[]}' };
    const finished = await build(site(deployment), {
      ...options,
      service: { ...options.service, outputDirectory: 'dist' },
    });
    expect(finished.files).toEqual(['static/index.html']);
  });
});
