import { beforeAll, describe, expect, it } from 'vitest';
import { NO_BROWSER, openPage, PATIENTLY, staysOnPage } from './support/browser.ts';
import { build, copyFixture } from './support/cli.ts';
import { startDeployment } from './support/running.ts';

let project: string;
beforeAll(async () => {
  if (NO_BROWSER) return;
  project = await copyFixture('storefront');
  await build(project);
});

describe.skipIf(NO_BROWSER)(`the storefront in a browser${NO_BROWSER ? `: ${NO_BROWSER}` : ''}`, () => {
  it('renders, asks the API over its services, and leads from one service to another and back', async () => {
    const { url } = await startDeployment(project);
    const { page, complaints } = await openPage();
    await page.goto(url);
    await page.getByRole('heading', { name: 'Storefront' }).waitFor();
    const products = page.getByRole('listitem');
    await products.first().waitFor();
    const all = await products.count();
    // What is typed goes to the service `api`, and from there over a binding to `search`.
    const answered = page.waitForResponse(response => response.url().endsWith('/api/products?q=chair'));
    await page.getByRole('textbox', { name: 'Search' }).fill('chair');
    const found = (await (await answered).json()) as unknown[];
    await expect.poll(() => products.count(), PATIENTLY).toBe(found.length);
    expect(found.length).toBeLessThan(all);

    await page.getByRole('link', { name: 'How orders work' }).click();
    await page.waitForURL(`${url}/docs/guides/orders`);
    expect(await page.locator('body').textContent()).toContain('we ship');
    await page.goBack();
    await page.getByRole('heading', { name: 'Storefront' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows a product at an address of its own, without loading the page anew', async () => {
    const { url } = await startDeployment(project);
    const { page, complaints } = await openPage();
    await page.goto(url);
    const current = page.locator('[aria-current="page"]');
    const stays = await staysOnPage(
      page,
      () => page.getByRole('link', { name: 'Reading chair' }).click(),
      () => current.waitFor(),
    );
    expect(stays).toBe(true);
    expect(page.url()).toBe(`${url}/products/chair`);
    await page.reload();
    await current.waitFor();
    expect(await current.textContent()).toBe('Reading chair');
    await page.goBack();
    await expect.poll(() => current.count(), PATIENTLY).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('asks for the password with a form that works without scripts, by keyboard alone', async () => {
    const { url } = await startDeployment(project, ['--protect'], { SVC_PASSWORD: 'open sesame' });
    const { page } = await openPage();
    await page.goto(`${url}/docs/guides/orders`);
    const field = page.getByLabel('Password');
    // The field has the focus: one types and presses Enter.
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await field.fill('open sesame');
    await page.keyboard.press('Enter');
    // The same address as that of the form.
    await page.getByText('we ship').first().waitFor();
    await page.goto(url);
    await page.getByRole('listitem').first().waitFor();
  });
});
