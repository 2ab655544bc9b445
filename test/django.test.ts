import { cp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { build, copyFixture, temporaryFolder } from './support/cli.ts';
import { startDeployment } from './support/running.ts';

it('the bookshop in Django is built, copied elsewhere and asked', async () => {
  const project = await copyFixture('django');
  await build(project);
  const elsewhere = join(await temporaryFolder(), 'deployment');
  await cp(join(project, '.vercel/output'), elsewhere, { recursive: true, verbatimSymlinks: true });
  await rename(project, `${project}.gone`);
  const settings = await readFile(
    join(elsewhere, 'services/shop/functions/django.func/.vc-config.json'),
    'utf8',
  );
  expect(JSON.parse(settings)).toMatchObject({ memory: 512, maxDuration: 15 });

  const { url } = await startDeployment(elsewhere);
  const page = await (await fetch(url)).text();
  expect(page).toContain('<a href="/api/books/emma">Emma</a>, Jane Austen');
  const [, style = ''] = /href="(\/static\/[^"]+\.css)"/.exec(page) ?? [];
  const sheet = await fetch(`${url}${style}`);
  expect(sheet.headers.get('content-type')).toMatch(/^text\/css/);
  expect(await sheet.text()).toContain('font-family: Georgia');
  expect(await (await fetch(`${url}/api/books?q=ELIOT`)).json()).toEqual({
    books: [{ slug: 'middlemarch', title: 'Middlemarch', author: 'George Eliot', cents: 1890 }],
  });
  const none = await fetch(`${url}/api/books/none`);
  expect([none.status, await none.json()]).toEqual([404, { error: 'there is no book none' }]);
});
