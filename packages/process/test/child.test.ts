import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChildEnd, runChild } from '../src/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svc-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function sh(
  script: string,
  more: {
    env?: Record<string, string>;
    signal?: AbortSignal;
    input?: string;
    onLine?: (line: string) => void;
  } = {},
): Promise<{ end: ChildEnd; lines: string[] }> {
  const lines: string[] = [];
  const spec = {
    file: '/bin/sh',
    args: ['-c', script],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...more.env },
    grace: 300,
    onLine: (_stream: string, line: string) => {
      lines.push(line);
      more.onLine?.(line);
    },
    ...(more.signal && { signal: more.signal }),
    ...(more.input !== undefined && { input: more.input }),
  };
  return runChild(spec).then(end => ({ end, lines }));
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

describe('runChild', () => {
  it('gives every line, the last one without a line end too, and the exit code', async () => {
    const { end, lines } = await sh(`printf 'one\\ntwo\\r\\nthree'; exit 3`);
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(end).toEqual({ exitCode: 3, signal: null });
  });

  it('passes exactly the environment that it was given', async () => {
    process.env.SVC_TEST_CANARY = 'leaked';
    const { lines } = await sh('env', { env: { ONLY: 'this' } });
    delete process.env.SVC_TEST_CANARY;
    const names = lines.map(line => line.split('=')[0]).sort();
    expect(names).toEqual(['ONLY', 'PATH', 'PWD', 'SVC_STEP_TREE']);
  });

  it('hands over its input and survives a command that does not read it', async () => {
    expect((await sh('cat', { input: 'hello' })).lines).toEqual(['hello']);
    expect((await sh('exit 0', { input: 'x'.repeat(1_000_000) })).end.exitCode).toBe(0);
  });

  it('cuts a line that never ends instead of filling the memory', async () => {
    const { lines } = await sh(`head -c 100000 /dev/zero | tr '\\0' x`);
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.join('').replaceAll('…', '').length).toBe(100_000);
  });

  it('says why a program could not be started', async () => {
    const end = await runChild({
      file: join(folder, 'absent'),
      args: [],
      cwd: folder,
      env: {},
      onLine: () => {},
    });
    expect(end.exitCode).toBeNull();
    expect(end.startError?.code).toBe('ENOENT');
  });

  it('ends what a finished command left in the background, even what held its output open', async () => {
    const { lines } = await sh('sleep 300 & echo $!; setsid sleep 300 & echo $!');
    expect(lines).toHaveLength(2);
    for (const pid of lines) expect(isAlive(Number(pid))).toBe(false);
  });

  it('stops a tree that ignores SIGTERM, forks twice and starts sessions of its own', async () => {
    const stop = new AbortController();
    const pids: number[] = [];
    const script = `trap '' TERM; (setsid sh -c 'trap "" TERM; echo $$; sleep 300' &) ; sh -c 'echo $$; sleep 300' & echo $$; wait; sleep 300`;
    const { end } = await sh(script, {
      signal: stop.signal,
      onLine: line => {
        pids.push(Number(line));
        if (pids.length === 3) stop.abort();
      },
    });
    expect(end.exitCode).toBeNull();
    for (const pid of pids) expect(isAlive(pid)).toBe(false);
  });

  it('lets a tree end by itself on SIGTERM', async () => {
    const stop = new AbortController();
    const { end, lines } = await sh(
      `trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done`,
      {
        signal: stop.signal,
        onLine: line => line === 'ready' && stop.abort(),
      },
    );
    expect(lines).toContain('bye');
    expect(end.exitCode).toBe(7);
  });

  it('leaves other processes alone', () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(execFileSync('/bin/echo', ['still here']).toString()).toBe('still here\n');
  });
});
