import { describe, expect, it } from 'vitest';
import type { ReporterMode } from '../src/index.ts';
import { BAD_CONFIG, FAILURE, SUCCESS, type Timed } from './support/events.ts';
import { record, visible } from './support/recorder.ts';

const STREAMS: Readonly<Record<string, readonly Timed[]>> = {
  'a run that succeeds': SUCCESS,
  'a run that fails': FAILURE,
  'a configuration that is refused': BAD_CONFIG,
};
const MODES: readonly ReporterMode[] = ['plain', 'github', 'gitlab', 'azure'];

describe.each(Object.entries(STREAMS))('%s', (_, events) => {
  it.each(MODES)('as %s', mode => {
    const { stdout, stderr } = record(mode, events);
    expect(visible(stderr)).toMatchSnapshot();
    expect(stdout).toBe('');
  });

  it('as plain, in colour', () => {
    expect(visible(record('plain', events, { color: true }).stderr)).toMatchSnapshot();
  });

  it('as one line of JSON an event, on standard output alone', () => {
    const { stdout, stderr } = record('json', events);
    expect(stderr).toBe('');
    expect(stdout.endsWith('\n')).toBe(true);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as unknown),
    ).toEqual(events.map(([, event]) => event));
  });

  it.each([...MODES, 'live'] as const)('as %s has no colours when there are to be none', mode => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    expect(record(mode, events).stderr).not.toMatch(/\u001b\[[0-9;:]*m/);
  });
});

describe('what is said of a run', () => {
  it.each([...MODES, 'live'] as const)(
    'as %s, says each warning and failure once, failures after warnings, how to go on last',
    mode => {
      const { stderr } = record(mode, FAILURE);
      const prose = stderr
        .split('\n')
        .filter(line => !/^(::|##vso)/.test(line))
        .join('\n');
      const places = (text: string) => prose.split(text).length - 1;
      expect(places('[build-failed]')).toBe(1);
      expect(places('[catch-all-not-last]')).toBe(1);
      expect(prose.indexOf('[catch-all-not-last]')).toBeLessThan(prose.indexOf('[build-failed]'));
      expect(prose.trimEnd()).toMatch(/svc build --filter api$/);
    },
  );

  it.each([...MODES, 'live'] as const)('as %s, says what isolation does not promise once', mode => {
    expect(record(mode, SUCCESS).stderr.split('use --isolation strict')).toHaveLength(2);
  });

  it.each(MODES)('as %s, does not repeat a failure that was told before the end', mode => {
    const [, failure] = BAD_CONFIG[1] ?? [];
    if (failure?.type !== 'failure') throw new Error('no failure');
    const end: Timed = [
      9,
      {
        type: 'run.finished',
        summary: {
          ok: false,
          duration: 9,
          services: [],
          routes: [],
          failures: [failure.failure],
          unpromised: [],
        },
      },
    ];
    const prose = record(mode, [...BAD_CONFIG, end])
      .stderr.split('\n')
      .filter(line => !/^(::|##vso)/.test(line))
      .join('\n');
    expect(prose.split('[config-unknown-field]')).toHaveLength(2);
  });

  it.each([...MODES, 'live'] as const)('as %s, is complete when the program ends in the middle', mode => {
    const { stderr } = record(mode, FAILURE.slice(0, 12));
    expect(stderr).toContain('[catch-all-not-last]');
    if (mode !== 'live') expect(stderr).toContain('> tsc --noEmit');
  });
});
