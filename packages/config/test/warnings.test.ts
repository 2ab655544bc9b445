import type { Notice } from '@svc/contracts';
import { describe, expect, it } from 'vitest';
import { loaded } from './temporary-project.ts';

type Config = Readonly<Record<string, unknown>>;
type Files = Readonly<Record<string, string | object>>;

const to = (source: string, service: string, more: Config = {}) => ({
  source,
  destination: { service },
  ...more,
});
const SERVICES = { web: { root: 'web' }, api: { root: 'api' } };
const ROUTED = [to('/api/:path*', 'api'), to('/(.*)', 'web')];

async function warnings(
  config: Config,
  files: Files = {},
  env: Record<string, string> = {},
): Promise<readonly Notice[]> {
  const project = await loaded(
    { 'vercel.json': { services: SERVICES, rewrites: ROUTED, ...config }, ...files },
    env,
  );
  return project.warnings;
}

async function codes(config: Config, files: Files = {}, env: Record<string, string> = {}): Promise<string[]> {
  return (await warnings(config, files, env)).map(notice => notice.code);
}

describe('a sound configuration', () => {
  it('gives no warning', async () => {
    expect(await warnings({})).toEqual([]);
  });
});

describe('unreachable-service', () => {
  it('names a service without rewrite and binding, at its key', async () => {
    const [notice, ...others] = await warnings({ services: { ...SERVICES, jobs: { root: 'jobs' } } });
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      code: 'unreachable-service',
      service: 'jobs',
      position: { column: 5, length: 6 },
    });
    expect(notice?.help).toContain('"/jobs/:path*"');
  });

  it('is content with a binding of another service, not with its own', async () => {
    const binding = { service: 'jobs', format: 'url', env: 'JOBS_URL' };
    const bound = { web: { root: 'web', bindings: [binding] }, api: { root: 'api' }, jobs: { root: 'jobs' } };
    expect(await codes({ services: bound })).toEqual([]);
    const toItself = { ...SERVICES, jobs: { root: 'jobs', bindings: [binding] } };
    expect(await codes({ services: toItself })).toEqual(['unreachable-service']);
  });

  it('is content with a low-level route', async () => {
    const services = { ...SERVICES, jobs: { root: 'jobs' } };
    expect(await codes({ services, routes: [{ src: '/jobs', destination: { service: 'jobs' } }] })).toEqual(
      [],
    );
  });
});

describe('shadowed-rule', () => {
  it.each([
    ['/x/(.*)', '/x/y'],
    ['/x/:path*', '/x/:id'],
    ['/x/:path*', '/x'],
    ['/:a', '/:b(\\d+)'],
    ['/x', '/x'],
    ['/:lang(en|de)/:page', '/en/home'],
  ])('%s hides %s', async (earlier, later) => {
    const found = await warnings({ rewrites: [to(earlier, 'api'), to(later, 'web'), to('/(.*)', 'web')] });
    expect(found.filter(notice => notice.code === 'shadowed-rule')).toMatchObject([
      { service: 'web', message: expect.stringContaining(`"${later}"`) },
    ]);
  });

  it.each([
    ['/x/(.*)', '/x'],
    ['/x/:id', '/x/:path*'],
    ['/x', '/x/y'],
    ['/:a(\\d+)', '/:b'],
    ['/:path((?!y).*)', '/x'],
    ['/X', '/x'],
  ])('%s does not hide %s', async (earlier, later) => {
    const found = await codes({ rewrites: [to(earlier, 'api'), to(later, 'web'), to('/(.*)', 'web')] });
    expect(found).not.toContain('shadowed-rule');
  });

  it('leaves alone what conditions, or a rewrite inside the deployment, may let pass', async () => {
    const conditional = to('/x/:path*', 'api', { has: [{ type: 'header', key: 'a' }] });
    const excluding = to('/x/:path*', 'api', { missing: [{ type: 'header', key: 'a' }] });
    const inside = { source: '/x/:path*', destination: '/y' };
    for (const rule of [conditional, excluding, inside]) {
      expect(await codes({ rewrites: [rule, to('/x/y', 'api'), to('/(.*)', 'web')] })).toEqual([]);
    }
  });
});

describe('catch-all-not-last', () => {
  it('is one warning for all the rules that it hides', async () => {
    const rewrites = [to('/(.*)', 'web'), to('/api/(.*)', 'api'), to('/api/x', 'api')];
    const [notice, ...others] = await warnings({ rewrites });
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ code: 'catch-all-not-last', service: 'web' });
    expect(notice?.message).toContain('"/api/(.*)", "/api/x"');
  });

  it('sees low-level routes, which run before the rewrites', async () => {
    const everything = { src: '/.*', destination: { service: 'web' } };
    expect(await warnings({ routes: [everything] })).toMatchObject([
      { code: 'catch-all-not-last', service: 'web' },
    ]);
    expect(await codes({ routes: [{ ...everything, methods: ['POST'] }] })).toEqual([]);
    expect(await codes({ routes: [{ handle: 'error' }, everything] })).toEqual([]);
  });

  it('knows other ways to write it', async () => {
    for (const source of ['/(.*)', '(.*)', '/:all(.*)']) {
      expect(await codes({ rewrites: [to(source, 'web'), to('/api', 'api')] })).toContain(
        'catch-all-not-last',
      );
    }
    // This one does not match a path that ends with a slash.
    expect(await codes({ rewrites: [to('/:path*', 'web'), to('/api/', 'api')] })).not.toContain(
      'catch-all-not-last',
    );
  });
});

describe('source-misses-base', () => {
  it('says that the base itself goes elsewhere', async () => {
    const [notice, ...others] = await warnings({ rewrites: [to('/api/(.*)', 'api'), to('/(.*)', 'web')] });
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ code: 'source-misses-base', service: 'api' });
    expect(notice?.help).toContain('"/api/:path*"');
  });

  it('is silent when another rule answers the base, or a redirect does', async () => {
    const rewrites = [to('/api/(.*)', 'api'), to('/(.*)', 'web')];
    expect(await codes({ rewrites: [to('/api', 'api'), ...rewrites] })).toEqual([]);
    expect(await codes({ rewrites, redirects: [{ source: '/api', destination: '/api/' }] })).toEqual([]);
    expect(await codes({ rewrites, trailingSlash: true })).toEqual([]);
  });
});

describe('other rules', () => {
  it('source-without-slash: a source that no path can match', async () => {
    expect(await codes({ rewrites: [to('api/x', 'api'), ...ROUTED] })).toEqual(['source-without-slash']);
  });

  it.each(['/((?:a+)+)', '/((?:a|aa)+)', '/((?:a*)*b)', '/((?:[a-z]+-?)+)'])(
    'slow-pattern: %s',
    async source => {
      expect(await codes({ rewrites: [to(source, 'api'), ...ROUTED] })).toContain('slow-pattern');
    },
  );

  it.each(['/:a-:b/:c*', '/((?:[a-z]+-)+)', '/(\\d+)/(.*)', '/((?:a|b)*)'])(
    'slow-pattern is silent: %s',
    async source => {
      expect(await codes({ rewrites: [to(source, 'api'), ...ROUTED] })).not.toContain('slow-pattern');
    },
  );

  it('slow-pattern looks into services and low-level routes', async () => {
    const web = { root: 'web', headers: [{ source: '/((?:a+)+)', headers: [{ key: 'a', value: 'b' }] }] };
    const routes = [{ src: '/(a+)+b', status: 404 }];
    const found = await codes({ services: { ...SERVICES, web }, routes });
    expect(found).toEqual(['slow-pattern', 'slow-pattern']);
  });
});

describe('condition-not-understood', () => {
  it('names a value that is no expression, in rules of services too', async () => {
    const has = [{ type: 'header', key: 'a', value: '*' }];
    const missing = [{ type: 'host', value: { re: '(' } }];
    const web = { root: 'web', redirects: [{ source: '/a', destination: '/b', missing }] };
    const found = await codes({
      services: { ...SERVICES, web },
      rewrites: [to('/x', 'api', { has }), ...ROUTED],
    });
    expect(found).toEqual(['condition-not-understood', 'condition-not-understood']);
  });

  it('is silent about expressions and comparisons', async () => {
    const has = [
      { type: 'header', key: 'a', value: '(?<x>.*)' },
      { type: 'query', key: 'b', value: { eq: '(' } },
      { type: 'cookie', key: 'c' },
    ];
    expect(await codes({ rewrites: [to('/x', 'api', { has }), ...ROUTED] })).toEqual([]);
  });
});

describe('binding-env-set', () => {
  it('names the binding whose variable the environment sets', async () => {
    const web = { root: 'web', bindings: [{ service: 'api', format: 'url', env: 'API_URL' }] };
    const config = { services: { ...SERVICES, web } };
    expect(await warnings(config, {}, { API_URL: 'http://elsewhere' })).toMatchObject([
      { code: 'binding-env-set', service: 'web', message: expect.stringContaining('API_URL') },
    ]);
    expect(await codes(config, {}, { OTHER: '1' })).toEqual([]);
  });
});

describe('files that mean nothing beside services', () => {
  it('middleware-ignored', async () => {
    expect(await warnings({}, { 'middleware.ts': '' })).toMatchObject([
      { code: 'middleware-ignored', position: { file: 'middleware.ts' } },
    ]);
    expect(await codes({}, { 'src/middleware.js': '' })).toEqual(['middleware-ignored']);
    expect(await codes({ services: { ...SERVICES, web: { root: '.' } } }, { 'middleware.ts': '' })).toEqual(
      [],
    );
    expect(await codes({}, { 'web/middleware.ts': '' })).toEqual([]);
  });

  it('api-directory-ignored', async () => {
    const services = { web: { root: 'web' }, api: { root: 'server' } };
    expect(await codes({ services }, { 'api/hello.ts': '' })).toEqual(['api-directory-ignored']);
    expect(await codes({}, { 'api/hello.ts': '' })).toEqual([]);
    expect(await codes({ services: { ...services, api: { root: 'api/v' } } }, { 'api/v/a.ts': '' })).toEqual(
      [],
    );
  });

  it('are used where there are no services', async () => {
    const project = await loaded({ 'middleware.ts': '', 'api/hello.ts': '' });
    expect(project.warnings).toEqual([]);
  });
});

describe('project-framework', () => {
  const linked = (framework: string | null) => ({
    '.vercel/project.json': { projectId: 'prj_x', settings: { framework } },
  });

  it('warns of any other setting, none included', async () => {
    expect(await codes({}, linked('vite'))).toEqual(['project-framework']);
    expect(await codes({}, linked(null))).toEqual(['project-framework']);
  });

  it('is silent where the setting fits or says nothing', async () => {
    expect(await codes({}, linked('services'))).toEqual([]);
    expect(await codes({}, { '.vercel/project.json': { projectId: 'prj_x' } })).toEqual([]);
    expect((await loaded({ 'vercel.json': {}, ...linked('vite') })).warnings).toEqual([]);
  });

  it('says when the file cannot be read', async () => {
    expect(await codes({}, { '.vercel/project.json': '{' })).toEqual(['project-framework']);
  });
});

describe('top-level keys', () => {
  it('env-ignored', async () => {
    const found = await warnings({ env: { TOKEN: 'x' }, build: { env: { MODE: 'y' } } });
    expect(found.map(notice => notice.code)).toEqual(['env-ignored', 'env-ignored']);
    expect(found[0]?.help).toContain('{ "env": ["TOKEN"] }');
  });

  it('unknown-key: only what is nearly a known one', async () => {
    expect(await warnings({ redirect: [] })).toMatchObject([
      { code: 'unknown-key', help: 'Did you mean "redirects"?' },
    ]);
    expect(await codes({ 'x-our-own': 1, owner: 'us' })).toEqual([]);
  });

  it('field-ignored', async () => {
    expect(await codes({ proxy: { entrypoint: 'proxy.ts' } })).toEqual(['field-ignored']);
  });
});
