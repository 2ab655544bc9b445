import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type DevLock, holdCheckout } from '../src/index.ts';

const folders: string[] = [];
const locks: DevLock[] = [];
afterEach(async () => {
  for (const lock of locks.splice(0)) lock.release();
  await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
});

async function checkout(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'svc-dev-lock-'));
  folders.push(folder);
  return folder;
}

function hold(folder: string) {
  const held = holdCheckout(folder);
  if (held.ok) locks.push(held.value);
  return held;
}

it('is held by one, who is named with the port, and free again afterwards', async () => {
  const folder = await checkout();
  const first = hold(folder);
  if (!first.ok) throw new Error('it is free');
  first.value.tell(3123);
  const second = hold(folder);
  expect(second).toMatchObject({ ok: false, failures: [{ code: 'dev-running' }] });
  expect(JSON.stringify(second)).toContain(`process ${process.pid}, on port 3123`);
  first.value.release();
  expect(hold(folder).ok).toBe(true);
});

it('is taken over from a process that has ended, and from one that left half a file', async () => {
  const folder = await checkout();
  const ended = spawn(process.execPath, ['-e', '']);
  await once(ended, 'close');
  const lock = join(folder, '.svc', 'dev.lock');
  const stale = { pid: ended.pid, port: 3000, started: '1', boot: 'another', nonce: 'x' };
  for (const text of [JSON.stringify(stale), '{"pid":', '']) {
    await mkdir(join(folder, '.svc'), { recursive: true });
    await writeFile(lock, text);
    const held = hold(folder);
    expect(held.ok).toBe(true);
    if (held.ok) held.value.release();
  }
  expect(await readdir(join(folder, '.svc'))).toEqual([]);
});

it('is not taken over from a process that only has the id of the one that held it', async () => {
  const folder = await checkout();
  await mkdir(join(folder, '.svc'), { recursive: true });
  // This process runs, but it did not start then.
  const other = { pid: process.pid, port: 3000, started: '1', boot: 'another', nonce: 'x' };
  await writeFile(join(folder, '.svc', 'dev.lock'), JSON.stringify(other));
  expect(hold(folder).ok).toBe(true);
  expect(existsSync(join(folder, '.svc', 'dev.lock'))).toBe(true);
});
