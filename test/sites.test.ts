import { cp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePrograms, type Programs } from '../builders/node/test/support/build.ts';
import { launch } from '../builders/node/test/support/launch.ts';
import { followLink, NO_BROWSER, openPage } from './support/browser.ts';
import { build, copyFixture, temporaryFolder } from './support/cli.ts';
import { startDeployment } from './support/running.ts';

describe('fixtures/sites', () => {
  let elsewhere: string;
  let programs: Programs;
  beforeAll(async () => {
    programs = await bundlePrograms();
    const project = await copyFixture('sites');
    await build(project);
    elsewhere = join(await temporaryFolder(), 'deployment');
    await cp(join(project, '.vercel/output'), elsewhere, { recursive: true, verbatimSymlinks: true });
    await rename(project, `${project}.gone`);
  });
  afterAll(() => rm(programs.folder, { recursive: true, force: true }));

  it('publishes the pages that Astro and Eleventy made', async () => {
    expect(await readFile(join(elsewhere, 'services/blog/static/index.html'), 'utf8')).toContain('Astro 2');
    expect(await readFile(join(elsewhere, 'services/notes/static/index.html'), 'utf8')).toContain(
      '<h1>Eleven</h1>',
    );
  });

  it.skipIf(NO_BROWSER)('leads a browser through all three', async () => {
    const { url } = await startDeployment(elsewhere);
    const { page, complaints } = await openPage();
    await page.goto(url);
    await page.getByText('The API says {"nitro":true}').waitFor();
    expect(await followLink(page, 'About', 'About the blog')).toBe(true);
    expect(page.url()).toBe(`${url}/about/`);
    expect(await followLink(page, 'Blog', 'Astro 2')).toBe(true);
    await page.getByText('The API says {"nitro":true}').waitFor();
    // Another service's page is another document.
    expect(await followLink(page, 'Notes', 'Eleven')).toBe(false);
    expect(page.url()).toBe(`${url}/notes`);
    expect(await followLink(page, 'The blog', 'Astro 2')).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('adopts the Build Output that Nitro wrote, and its function runs elsewhere', async () => {
    const config = JSON.parse(await readFile(join(elsewhere, 'services/api/config.json'), 'utf8'));
    expect(config.routes).toEqual([{ handle: 'filesystem' }, { src: '/(.*)', dest: '/__fallback' }]);
    const fn = await launch(programs.launcher, join(elsewhere, 'services/api/functions/__fallback.func'));
    try {
      expect(await (await fetch(`${fn.origin}/api/hello`)).json()).toEqual({ nitro: true });
    } finally {
      await fn.stop();
    }
  });
});
