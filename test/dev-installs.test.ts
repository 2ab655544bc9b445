import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectOf, writeFiles } from './support/cli.ts';
import { dev, until } from './support/dev.ts';

const manifest = (dependencies: Readonly<Record<string, string>>) => ({
  ...{ name: 'api', private: true, type: 'module', dependencies },
  scripts: { preinstall: 'node wait.mjs' },
});

it('an edit of a manifest while its packages are installed is installed as well, and starts nothing twice', async () => {
  const folder = await projectOf({
    'vercel.json': {
      services: { api: { root: 'api', entrypoint: 'server.js' } },
      rewrites: [{ source: '/(.*)', destination: { service: 'api' } }],
    },
    '.gitignore': 'node_modules/\n.svc/\ngoing\ngo\n',
    'api/package.json': manifest({ 'is-odd': '^3.0.0' }),
    // The install says that it has begun, and waits to be let go.
    'api/wait.mjs': `
      import { existsSync, writeFileSync } from 'node:fs';
      writeFileSync('going', '');
      while (!existsSync('go')) await new Promise(resolve => setTimeout(resolve, 20));
    `,
    'api/server.js': `
      import isOdd from 'is-odd';
      import isNumber from 'is-number';
      export default (request, response) => response.end(String(isOdd(3) && isNumber(3)));
    `,
  });
  const running = await dev(folder);
  await until(() => existsSync(join(folder, 'api/going')));
  await writeFiles(folder, { 'api/package.json': manifest({ 'is-odd': '^3.0.0', 'is-number': '^7.0.0' }) });
  await running.next('service.changed', ({ paths }) => paths.includes('api/package.json'));
  const changes = running.events.filter(({ type }) => type === 'service.changed');
  await writeFiles(folder, { 'api/go': '' });
  await running.sees('/', 'true');
  // The lockfile that the install has written is no edit.
  expect(running.events.filter(({ type }) => type === 'service.changed')).toEqual(changes);
});
