import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build, configOf, put, site, textOf } from './support/service.ts';

const list = (...paths: string[]) => Object.fromEntries(paths.map(path => [path, path]));

describe('a plain folder', () => {
  it('publishes what a web root holds', async () => {
    const files = list(
      ...['index.html', 'about.html', 'docs/index.html', 'assets/app.js', 'data.json', 'a b.txt', 'café.txt'],
      ...[
        '.well-known/security.txt',
        'robots.txt',
        'LICENSE',
        'docs/README.md',
        'docs/package.json',
        'vendor/config.js',
      ],
    );
    const finished = await build(site(files));
    expect(finished.files).toEqual(
      Object.keys(files)
        .map(path => `static/${path}`)
        .sort(),
    );
    expect(configOf(finished)).toEqual({ version: 3, routes: [] });
  });

  it('does not publish hidden files, installed packages, settings, lockfiles, sources of builds, or keys', async () => {
    const hidden = [
      ...[
        '.env',
        '.env.local',
        '.git/config',
        '.gitignore',
        '.DS_Store',
        'a/.htpasswd',
        '.vscode/settings.json',
      ],
      ...[
        'node_modules/x/i.js',
        'a/node_modules/x/i.js',
        'package.json',
        'package-lock.json',
        'yarn.lock',
        'bun.lockb',
      ],
      ...[
        'pnpm-lock.yaml',
        'pnpm-workspace.yaml',
        'vercel.json',
        'vercel.ts',
        'svc.json',
        'vite.config.ts',
        'tsconfig.json',
      ],
      ...[
        'tsconfig.app.json',
        'Dockerfile',
        'Dockerfile.prod',
        'docker-compose.yml',
        'compose.yaml',
        'Makefile',
        'README.md',
      ],
      ...[
        'requirements.txt',
        'requirements-dev.txt',
        'go.mod',
        'Cargo.toml',
        'tailwind.config.js',
        'Procfile',
        'turbo.json',
      ],
      ...[
        'server.pem',
        'a/b/private.key',
        'id_rsa',
        'cert.p12',
        'secrets.yaml',
        'config/secrets.json',
        'credentials.json',
      ],
      ...['data/app.sqlite', 'x.db', 'prod.env', 'service-account-1.json', 'main.tfstate'],
    ];
    const finished = await build(site(list('index.html', ...hidden)));
    expect(finished.files).toEqual(['static/index.html']);
  });

  it('publishes the folder that is named, or public where the only page is', async () => {
    const named = await build(site(list('public/a.html', 'public/.env', 'x.html')), {
      service: { outputDirectory: 'public' },
    });
    expect(named.files).toEqual(['static/a.html']);
    const found = await build(site(list('public/index.html', 'notes.txt')));
    expect(found.files).toEqual(['static/index.html']);
    const both = await build(site(list('public/index.html', 'index.html')));
    expect(both.files).toEqual(['static/index.html', 'static/public/index.html']);
  });

  it('of a service at the top of the project works alike', async () => {
    const finished = await build(site(list('index.html', 'a/b.html', 'package.json'), '.'));
    expect(finished.files).toEqual(['static/a/b.html', 'static/index.html']);
  });

  it('with nothing to publish is an error', async () => {
    const finished = await build(site(list('package.json', '.env')));
    expect(finished.result).toMatchObject({
      failures: [{ code: 'output-directory-empty', service: 'site' }],
    });
  });

  it('named but missing is an error', async () => {
    const finished = await build(site(list('web/index.html')), { service: { outputDirectory: 'www' } });
    expect(finished.result).toMatchObject({
      failures: [
        { code: 'output-directory-missing', help: expect.stringContaining('"outputDirectory": "web"') },
      ],
    });
  });

  it('gets files that its links lead to outside of it, and keeps links inside', async () => {
    const where = site(list('index.html', 'v2/page.html'));
    put(join(where.boundary, 'shared/logo.svg'), 'logo');
    symlinkSync('../shared/logo.svg', join(where.boundary, 'site/logo.svg'));
    symlinkSync('v2', join(where.boundary, 'site/latest'));
    mkdirSync(join(where.boundary, 'elsewhere'));
    symlinkSync('../elsewhere', join(where.boundary, 'site/folder'));
    const finished = await build(where);
    expect(finished.files).toEqual([
      'static/folder',
      'static/index.html',
      'static/latest',
      'static/logo.svg',
      'static/v2/page.html',
    ]);
    expect(textOf(finished, 'static/logo.svg')).toBe('logo');
    expect(textOf(finished, 'static/latest/page.html')).toBe('v2/page.html');
  });
});

describe('cleanUrls', () => {
  const files = list('index.html', 'about.html', 'docs/index.html', 'docs/guide.html', '404.html', 'a.txt');
  const overrides = {
    '404.html': { path: '404' },
    'about.html': { path: 'about' },
    'docs/guide.html': { path: 'docs/guide' },
  };

  it('of the service makes pages answer without their ending', async () => {
    expect(configOf(await build(site(files), { service: { cleanUrls: true } })).overrides).toEqual(overrides);
  });

  it('of the whole deployment does so too, unless the service says no', async () => {
    expect(configOf(await build(site(files), { publicCleanUrls: true })).overrides).toEqual(overrides);
    const refused = await build(site(files), { publicCleanUrls: true, service: { cleanUrls: false } });
    expect(configOf(refused).overrides).toBeUndefined();
  });

  it('leaves no overrides where there is no such page', async () => {
    expect(configOf(await build(site(list('index.html')), { publicCleanUrls: true }))).not.toHaveProperty(
      'overrides',
    );
  });
});
