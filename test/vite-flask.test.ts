import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exchange } from '../builders/python/test/support/websocket.ts';
import { NO_BROWSER, openPage, PATIENTLY, staysOnPage } from './support/browser.ts';
import { buildAndMove, type Moved } from './support/deployed.ts';
import { eventStream } from './support/event-stream.ts';
import { type Running, startDeployment } from './support/running.ts';
import { toolIsHere } from './support/tools.ts';

describe.skipIf(!toolIsHere('python3'))('fixtures/vite-flask (needs python3)', () => {
  let moved: Moved;
  let running: Running;
  beforeAll(async () => {
    moved = await buildAndMove('vite-flask');
    running = await startDeployment(moved.deployment);
  });

  it('serves the page for every path of its own, with the script that Vite made', async () => {
    for (const path of ['/', '/orders/7']) {
      const page = await (await fetch(`${running.url}${path}`)).text();
      expect(page).toContain('Kitchen board');
      const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
      const code = await fetch(`${running.url}${script}`);
      expect(code.headers.get('content-type')).toContain('text/javascript');
      expect(await code.text()).toContain('/api/orders/stream');
    }
  });

  it('answers by Flask, errors included', async () => {
    const health = await fetch(`${running.url}/api/health`);
    expect(await health.json()).toEqual({ ok: true, service: 'api' });
    expect((await order({})).status).toBe(400);
    expect((await fetch(`${running.url}/api/none`)).status).toBe(404);
  });

  it('sends each order to everyone who listens when it is made, not when the stream ends', async () => {
    const listen = async () => eventStream(await fetch(`${running.url}/api/orders/stream`));
    const first = await listen();
    expect(await first.next()).toBe(': open');
    await order({ dish: 'soup' });
    expect(await first.next()).toBe('event: order\nid: 1\ndata: {"number": 1, "dish": "soup"}');
    const second = await listen();
    expect(await second.next()).toBe(': open');
    expect(await second.next()).toContain('soup');
    await order({ dish: 'stew' });
    for (const stream of [first, second])
      expect(await stream.next()).toContain('{"number": 2, "dish": "stew"}');
    await Promise.all([first.close(), second.close()]);
    expect((await order({ dish: 'pie' })).status).toBe(201);
  });

  it('carries a chat over WebSockets', async () => {
    expect(await exchange(running.url, '/chat', 'two soups, please')).toBe('two soups, please');
  });

  it.skipIf(NO_BROWSER)('carries what people say in one browser to the other, and back', async () => {
    const [kitchen, counter] = await Promise.all([openPage(), openPage()]);
    const heard = ({ page }: typeof kitchen) => page.locator('#chat li').allTextContents();
    const say = async ({ page }: typeof kitchen, text: string) => {
      await page.getByPlaceholder('Tell the kitchen').fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
    };
    for (const [guest, name] of [
      [kitchen, 'the kitchen is here'],
      [counter, 'the counter is here'],
    ] as const) {
      await guest.page.goto(running.url);
      // Who hears oneself is in the room.
      await say(guest, name);
      await expect.poll(() => heard(guest), PATIENTLY).toContain(name);
    }
    await say(counter, 'two soups, please');
    await expect.poll(() => heard(kitchen), PATIENTLY).toContain('two soups, please');
    await say(kitchen, 'at once');
    // Either may hear it first, the speaker included.
    await expect
      .poll(() => heard(counter), PATIENTLY)
      .toEqual(['the counter is here', 'two soups, please', 'at once']);
    await expect
      .poll(() => heard(kitchen), PATIENTLY)
      .toEqual(['the kitchen is here', 'the counter is here', 'two soups, please', 'at once']);
    for (const { page, complaints } of [kitchen, counter]) {
      expect(complaints).toEqual([]);
      await page.close();
    }
  });

  it.skipIf(NO_BROWSER)('shows orders in a browser as they come, each at an address of its own', async () => {
    const { page, complaints } = await openPage();
    await page.goto(running.url);
    await page.getByRole('heading', { name: 'Kitchen board' }).waitFor();
    const { number } = (await (await order({ dish: 'cake' })).json()) as { readonly number: number };
    const link = page.getByRole('link', { name: `${number}: cake` });
    const current = page.locator('[aria-current="page"]');
    const stays = await staysOnPage(
      page,
      () => link.click(),
      () => current.waitFor(),
    );
    expect(stays).toBe(true);
    expect(page.url()).toBe(`${running.url}/orders/${number}`);
    expect(await current.allTextContents()).toEqual([`${number}: cake`]);
    await page.reload();
    await current.waitFor();
    expect(await current.allTextContents()).toEqual([`${number}: cake`]);
    await page.goBack();
    await expect.poll(() => current.count(), PATIENTLY).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('makes Python functions with the settings of the configuration', async () => {
    const settings = JSON.parse(
      await readFile(join(moved.deployment, 'services/api/functions/flask.func/.vc-config.json'), 'utf8'),
    );
    expect(settings).toMatchObject({
      memory: 256,
      maxDuration: 60,
      runtime: expect.stringMatching(/^python3/),
    });
  });

  function order(body: object): Promise<Response> {
    return fetch(`${running.url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
});
