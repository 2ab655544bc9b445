import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockOutput } from '../src/index.ts';
import { newOwner } from '../src/owner.ts';
import { bundled } from './support/child.ts';
import { temporaryFolder } from './support/project.ts';
import { failuresIn, valueIn } from './support/results.ts';

async function holder(
  program: string,
  target: string,
): Promise<{ child: ChildProcessWithoutNullStreams; said: string }> {
  const child = spawn(process.execPath, [program, target]);
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: chunk.toString().trim() };
}

async function end(child: ChildProcessWithoutNullStreams, word: string): Promise<void> {
  const closed = once(child, 'close');
  child.stdin.end(word);
  await closed;
}

describe('the lock of an output', () => {
  it('is held by one process at a time, and the other one is named', async () => {
    const folder = await temporaryFolder();
    const program = await bundled(folder, 'hold-lock.ts');
    const target = join(folder, 'deep/er/output');
    const first = await holder(program, target);
    expect(first.said).toBe('locked');
    const [failure] = failuresIn(await lockOutput(target));
    expect(failure?.code).toBe('output-in-use');
    expect(failure?.message).toContain(`process ${first.child.pid}`);
    expect(failure?.help).toContain(`${target}.lock`);
    const second = await holder(program, target);
    expect(second.said).toContain(`output-in-use ${target} is being written by process ${first.child.pid}`);
    await end(second.child, 'leave');
    expect(existsSync(`${target}.lock`)).toBe(true);
    await end(first.child, 'leave');
    expect(existsSync(`${target}.lock`)).toBe(false);
    valueIn(await lockOutput(target)).release();
  });

  it('is taken over from a process that was killed', async () => {
    const folder = await temporaryFolder();
    const program = await bundled(folder, 'hold-lock.ts');
    const target = join(folder, 'output');
    const first = await holder(program, target);
    await end(first.child, 'die');
    expect(existsSync(`${target}.lock`)).toBe(true);
    const lock = valueIn(await lockOutput(target));
    expect(failuresIn(await lockOutput(target))[0]?.message).toContain(`process ${process.pid}`);
    lock.release();
    lock.release();
    expect(readdirSync(folder)).toEqual(['hold-lock.mjs']);
  });

  it('is taken over by exactly one of many that find it dead at once', async () => {
    const folder = await temporaryFolder();
    const program = await bundled(folder, 'hold-lock.ts');
    const target = join(folder, 'output');
    writeFileSync(
      `${target}.lock`,
      JSON.stringify({ ...newOwner(), pid: 1_999_999, started: '7', nonce: 'deadbeef' }),
    );
    const all = await Promise.all(Array.from({ length: 8 }, () => holder(program, target)));
    const said = all.map(one => one.said);
    expect(said.filter(word => word === 'locked')).toHaveLength(1);
    expect(said.filter(word => word.startsWith('output-in-use'))).toHaveLength(7);
    await Promise.all(all.map(one => end(one.child, 'leave')));
    expect(readdirSync(folder)).toEqual(['hold-lock.mjs']);
  });

  it('of a live process whose pid means another process by now is dead', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'output');
    writeFileSync(`${target}.lock`, JSON.stringify({ ...newOwner(), started: '1', nonce: 'deadbeef' }));
    valueIn(await lockOutput(target)).release();
  });

  it('is given back only by its owner', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'output');
    const lock = valueIn(await lockOutput(target));
    const theirs = JSON.stringify(newOwner());
    writeFileSync(`${target}.lock`, theirs);
    lock.release();
    expect(existsSync(`${target}.lock`)).toBe(true);
  });
});
