import { describe, expect, it } from 'vitest';
import { plan, site } from './support/service.ts';

describe('the build command', () => {
  const cases: [string, Parameters<typeof plan>[1], string | undefined, string | null][] = [
    [
      'is the service’s own before all',
      { service: { buildCommand: 'make' }, framework: 'vite', scripts: { build: 'x' } },
      'make',
      'dist',
    ],
    [
      'is a script before the framework’s',
      { framework: 'vite', scripts: { build: 'x', 'vercel-build': 'y' } },
      'y',
      'dist',
    ],
    ['is the framework’s', { framework: 'vite' }, 'vite build', 'dist'],
    [
      'of Storybook is its own even beside a build script',
      { framework: 'storybook', scripts: { build: 'x' } },
      'storybook build',
      'storybook-static',
    ],
    ['without a framework leaves public', { service: { buildCommand: 'make' } }, 'make', 'public'],
    ['of Angular leaves what only the build can tell', { framework: 'angular' }, 'ng build', null],
    [
      'leaves the folder that the service names',
      { framework: 'vite', service: { outputDirectory: './out/' } },
      'vite build',
      'out',
    ],
    ['is none for plain files', {}, undefined, '.'],
  ];
  for (const [name, options, line, outputDirectory] of cases) {
    it(`${name}`, async () => {
      const result = await plan(site({ 'index.html': '' }), options);
      if (!result.ok) throw new Error('not planned');
      expect(result.value.outputDirectory).toBe(outputDirectory);
      expect(result.value.steps.map(({ command }) => command)).toEqual(
        line === undefined ? [] : [{ type: 'shell', line }],
      );
    });
  }
});

describe('an output directory', () => {
  for (const outputDirectory of ['../dist', '/tmp/x', 'a/../..']) {
    it(`${outputDirectory} is refused: it is outside the root`, async () => {
      const result = await plan(site({ 'index.html': '' }), { service: { outputDirectory } });
      expect(result).toMatchObject({ ok: false, failures: [{ code: 'output-escapes' }] });
    });
  }
});

describe('keys and secrets in a web root', () => {
  it('are named in one warning', async () => {
    const files = {
      'index.html': '',
      'a.pem': '',
      'b/secrets.yml': '',
      'c.sqlite': '',
      'd.p12': '',
      '.env': '',
      'package.json': '',
    };
    const result = await plan(site(files));
    if (!result.ok) throw new Error('not planned');
    expect(result.value.warnings).toMatchObject([{ code: 'static-files-left-out', service: 'site' }]);
    expect(result.value.warnings[0]?.message).toMatch(
      /a\.pem \(a key.*\), b\/secrets\.yml \(secrets\), c\.sqlite \(a database\) and 1 more$/,
    );
  });

  it('are not mentioned where there are none', async () => {
    const result = await plan(site({ 'index.html': '', '.env': '', 'package.json': '', 'README.md': '' }));
    expect(result).toMatchObject({ value: { warnings: [], data: { files: ['index.html'] } } });
  });
});
