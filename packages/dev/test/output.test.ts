import { describe, expect, it } from 'vitest';
import { FloodGuard } from '../src/service/flood-guard.ts';
import { LastLines } from '../src/service/last-lines.ts';

describe('the last lines', () => {
  it('are the last forty, without colours, cut where they are endless', () => {
    const lines = new LastLines();
    for (let line = 1; line <= 500; line++) lines.add(`\u001b[31mline ${line}\u001b[39m`);
    lines.add('x'.repeat(10_000));
    expect(lines.last).toHaveLength(40);
    expect(lines.last.at(-2)).toBe('line 500');
    expect(lines.last.at(-1)).toHaveLength(2000);
  });

  it('begin with one that says something', () => {
    const lines = new LastLines();
    for (const line of ['', ' ', 'cause', '']) lines.add(line);
    expect(lines.last).toEqual(['cause', '']);
  });
});

describe('the guard against floods', () => {
  it('lets through what a service usually writes', () => {
    const told: string[] = [];
    const guard = new FloodGuard(message => told.push(message));
    guard.pace();
    for (let line = 0; line < 500; line++) guard.line();
    expect(guard.pace()).toBe(0);
    expect(told).toEqual([]);
  });

  it('makes more wait, and tells once', () => {
    const told: string[] = [];
    const guard = new FloodGuard(message => told.push(message));
    guard.pace();
    for (let line = 0; line < 5000; line++) guard.line();
    expect(guard.pace()).toBeGreaterThan(0);
    expect(guard.pace()).toBeGreaterThan(0);
    expect(told).toHaveLength(1);
  });
});
