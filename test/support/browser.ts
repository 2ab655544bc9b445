import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The system's Chromium: `CHROMIUM` in the environment, or by its usual names on `PATH`. */
export function findChromium(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) return CHROMIUM;
  return PATH.split(delimiter)
    .flatMap(folder => NAMES.map(name => join(folder, name)))
    .find(existsSync);
}

/** Why tests in a browser do not run here; false where they do. On CI a missing browser is a failure. */
export const NO_BROWSER: string | false =
  findChromium() === undefined && !process.env.CI ? 'no Chromium on this machine (CHROMIUM, PATH)' : false;

let opened: Promise<Browser> | undefined;
afterAll(async () => {
  await (await opened)?.close();
});

/** For `expect.poll`: a busy machine takes its time, and what never comes is not missed any sooner. */
export const PATIENTLY = { timeout: 30_000 };

export interface Watched {
  readonly page: Page;
  /** What the page has complained of: errors of its scripts, and lines of `console.error`. */
  readonly complaints: readonly string[];
}

/** A page in a headless browser of its own, without cookies or anything else of another test. */
export async function openPage(): Promise<Watched> {
  opened ??= launch();
  const page = await (await opened).newPage();
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('console', message => {
    const { url } = message.location();
    // Chromium asks for that by itself.
    if (message.type() !== 'error' || new URL(url, 'http://localhost').pathname === '/favicon.ico') return;
    complaints.push(`${message.text()} (${url})`);
  });
  return { page, complaints };
}

/**
 * Does something that navigates, such as a click, and tells whether the page has stayed the same document: whether its own
 * code has navigated, rather than the browser loaded another page.
 *
 * @param arrived resolves when what was navigated to is there.
 */
export async function staysOnPage(
  page: Page,
  navigate: () => Promise<unknown>,
  arrived: () => Promise<unknown>,
): Promise<boolean> {
  await page.evaluate('globalThis.isSameDocument = true');
  await navigate();
  await arrived();
  return (await page.evaluate('globalThis.isSameDocument === true')) === true;
}

/** Clicks a link and waits for the heading of what it leads to; tells whether the page has stayed the same document. */
export function followLink(page: Page, link: string, heading: string | RegExp): Promise<boolean> {
  return staysOnPage(
    page,
    () => page.getByRole('link', { name: link }).click(),
    () => page.getByRole('heading', { name: heading }).waitFor(),
  );
}

function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('there is no Chromium: set CHROMIUM to its path');
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
