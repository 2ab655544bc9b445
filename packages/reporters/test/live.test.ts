import type { SvcEvent } from '@svc/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReporter, type Reporter } from '../src/index.ts';
import { widthOf } from '../src/text.ts';
import { FAILURE, SUCCESS, type Timed } from './support/events.ts';
import { Terminal } from './support/terminal.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Stage {
  readonly terminal: Terminal;
  readonly writes: string[];
  readonly reporter: Reporter;
  /** Plays events until a moment, with the timers running. */
  play(events: readonly Timed[], until?: number): void;
}

function stage(columns = 100, rows = 24): Stage {
  const terminal = new Terminal(columns);
  const writes: string[] = [];
  let now = 0;
  const write = (text: string) => {
    writes.push(text);
    terminal.write(text);
  };
  const reporter = createReporter({
    mode: 'live',
    stdout: {
      write() {
        throw new Error('nothing for people goes to standard output');
      },
    },
    stderr: { write, rows },
    color: false,
    columns: () => terminal.columns,
    now: () => now,
  });
  const advance = (to: number) => {
    while (now < to) {
      const next = Math.min(to, now + 10);
      vi.advanceTimersByTime(next - now);
      now = next;
    }
  };
  return {
    terminal,
    writes,
    reporter,
    play(events, until = Number.POSITIVE_INFINITY) {
      for (const [at, event] of events.filter(([at]) => at >= now && at <= until)) {
        advance(at);
        reporter.emit(event);
      }
      if (Number.isFinite(until)) advance(until);
    },
  };
}

const manyServices = (number: number): SvcEvent[] => {
  const services = Array.from(
    { length: number },
    (_, index) => `service_${String.fromCharCode(97 + (index % 26))}${index}`,
  );
  return [
    { type: 'run.started', services, steps: number, concurrency: 4, isolation: 'copy' },
    ...services.slice(-2).map(
      (service): SvcEvent => ({
        type: 'step.started',
        step: `${service}:build`,
        service,
        services: [service],
        label: 'make',
      }),
    ),
  ];
};

describe('the live table', () => {
  it.each([
    ['wide', 100],
    ['narrow', 44],
    ['very narrow', 16],
  ])('shows a run on a %s terminal', (_, columns) => {
    const { terminal, play } = stage(columns);
    play(SUCCESS, 1250);
    expect(terminal.screen()).toMatchSnapshot('at the beginning');
    play(SUCCESS, 3250);
    expect(terminal.screen()).toMatchSnapshot('in the middle');
    for (const line of terminal.screen().split('\n')) expect(widthOf(line)).toBeLessThan(columns);
    play(SUCCESS);
    expect(terminal.screen()).toMatchSnapshot('at the end');
  });

  it('leaves only the summary behind, the failures last, with more of their output than the failure kept', () => {
    const { terminal, play } = stage();
    const lines: Timed[] = Array.from({ length: 5 }, (_, index) => [
      1400,
      { type: 'step.output', step: 'api:build', service: 'api', stream: 'stdout', line: `earlier ${index}` },
    ]);
    play([...FAILURE.slice(0, 12), ...lines, ...FAILURE.slice(12)]);
    expect(terminal.screen()).toMatchSnapshot();
    expect(terminal.screen()).toContain('│ earlier 0');
  });

  it('hides the cursor while it draws and gives it back, however the run ends', () => {
    const finished = stage();
    finished.play(SUCCESS, 3000);
    expect(finished.terminal.cursorIsVisible).toBe(false);
    finished.play(SUCCESS);
    expect(finished.terminal.cursorIsVisible).toBe(true);
    const broken = stage();
    broken.play(SUCCESS, 3000);
    broken.reporter.close();
    broken.reporter.close();
    expect(broken.terminal.cursorIsVisible).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('draws at most twelve times a second, however much output there is', () => {
    const { writes, play } = stage();
    const noise: Timed[] = Array.from({ length: 2000 }, (_, index) => [
      1400 + index / 2,
      { type: 'step.output', step: 'web:build', service: 'web', stream: 'stdout', line: `line ${index}` },
    ]);
    play(SUCCESS, 1400);
    const before = writes.length;
    play(noise, 2400);
    expect(writes.length - before).toBeGreaterThan(5);
    expect(writes.length - before).toBeLessThanOrEqual(12);
  });

  it('never has more lines than the terminal has rows, and shows what runs', () => {
    const { terminal, reporter } = stage(80, 10);
    for (const event of manyServices(60)) reporter.emit(event);
    vi.advanceTimersByTime(200);
    const lines = terminal.screen().split('\n');
    expect(lines.length).toBeLessThan(10);
    expect(lines.filter(line => line.includes('make'))).toHaveLength(2);
    expect(lines.at(-1)).toBe('  and 52 waiting');
  });

  it('draws over itself after the terminal was made narrower', () => {
    const { terminal, play } = stage(100);
    play(SUCCESS, 1399);
    terminal.resize(30);
    play(SUCCESS, 1600);
    expect(
      terminal
        .screen()
        .split('\n')
        .filter(line => line.includes('web')),
    ).toHaveLength(1);
    terminal.resize(120);
    play(SUCCESS, 1800);
    expect(
      terminal
        .screen()
        .split('\n')
        .filter(line => line.includes('web')),
    ).toHaveLength(1);
  });

  it('is not broken by what programs print', () => {
    const { terminal, play } = stage(60);
    const evil = [
      '\u001b[2J\u001b[1;1Hgone',
      '\u001b[10A',
      '\u009b3A',
      '\u001b]0;title\u0007',
      'a\nb\u0008\u0008',
      '\u001bc',
      '\u001b[?1049h',
    ];
    play(SUCCESS, 1400);
    const height = terminal.screen().split('\n').length;
    play(
      evil.map(
        (line, index): Timed => [
          1500 + index * 150,
          { type: 'step.output', step: 'web:build', service: 'web', stream: 'stdout', line },
        ],
      ),
      2600,
    );
    expect(terminal.screen().split('\n')).toHaveLength(height);
  });

  it('does not keep a program alive', () => {
    vi.useRealTimers();
    const timers = vi.spyOn(globalThis, 'setInterval');
    const { reporter } = stage();
    for (const event of manyServices(2)) reporter.emit(event);
    const timer = timers.mock.results[0]?.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    reporter.close();
    timers.mockRestore();
  });
});
