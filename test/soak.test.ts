import { describe, expect, it } from 'vitest';
import { judge, type Run } from '../bench/soak/judge.mjs';
import { unexpected, unexplained } from '../bench/soak/lost.mjs';

const MEGABYTE = 1024 ** 2;
const LOOKS = 200;
const AT_REST = { files: 50, processes: 5, temporary: 6 };

/** Memory that goes up and down with garbage. The same numbers each time. */
function sawtooth(base: number, height: number, leak = 0) {
  return (look: number) => (base + height * ((look % 7) / 6) + leak * look) * MEGABYTE;
}

/** A run in which nothing is wrong, with what a test wants otherwise. */
function run({
  heap = sawtooth(20, 8),
  resident = sawtooth(90, 30),
  ...other
}: Partial<Run> & {
  heap?: (look: number) => number;
  resident?: (look: number) => number;
} = {}): Run {
  return {
    samples: Array.from({ length: LOOKS }, (_, look) => ({
      heap: heap(look),
      resident: resident(look),
      files: 60 + (look % 40),
      processes: 4 + (look % 2),
    })),
    counts: {
      right: 90_000,
      lost: 70,
      crashes: 53,
      fewestCrashes: 53,
      mostCrashes: 54,
      left: 1800,
      leftInFunction: { begun: 1800, left: 1800 },
      pages: 500,
    },
    wrong: [],
    before: AT_REST,
    after: AT_REST,
    stopped: { code: 143, survivors: [], temporary: [] },
    ...other,
  };
}

const bad = (of: Run) => judge(of).flatMap(({ name, isGood }) => (isGood === false ? [name] : []));

describe('the judge of the soak', () => {
  it('finds nothing wrong with a server whose memory only goes up and down', () => {
    expect(judge(run()).map(({ isGood }) => isGood)).toEqual(Array(10).fill(true));
  });

  it('lets caches fill in the beginning', () => {
    const filling = (look: number) => Math.min(look, LOOKS / 5) * MEGABYTE;
    expect(bad(run({ heap: filling, resident: filling }))).toEqual([]);
  });

  it.each([
    // 90,000 requests in 200 looks: 450 a look, of which each leaves 100 bytes.
    ['memory in use after a collection', { heap: sawtooth(20, 8, (450 * 100) / MEGABYTE) }],
    ['resident memory', { resident: sawtooth(90, 30, 0.2) }],
    ['answers', { wrong: ['expected one, got two'] }],
    ['crashes', { counts: { ...run().counts, crashes: 40 } }],
    ['crashes', { counts: { ...run().counts, crashes: 60 } }],
    ['clients that left', { counts: { ...run().counts, leftInFunction: { begun: 1800, left: 1799 } } }],
    ['pages made anew', { counts: { ...run().counts, pages: 1 } }],
    ['open files', { after: { ...AT_REST, files: 51 } }],
    ['processes', { after: { ...AT_REST, processes: 6 } }],
    ['temporary files', { after: { ...AT_REST, temporary: 7 } }],
    ['the end', { stopped: { code: 143, survivors: ['4711@12345'], temporary: [] } }],
    ['the end', { stopped: { code: 143, survivors: [], temporary: ['svc-start-x'] } }],
    ['the end', { stopped: { code: 1, survivors: [], temporary: [] } }],
  ])('finds what is wrong: %s', (name, wrong) => {
    expect(bad(run(wrong))).toEqual([name]);
  });

  it('says of a short run that it cannot tell a leak, and not that there is none', () => {
    const short = run({ heap: sawtooth(20, 8, 1) });
    const verdicts = judge({ ...short, samples: short.samples.slice(0, 20) });
    expect(verdicts.find(({ name }) => name.startsWith('memory in use'))).toMatchObject({ isGood: null });
  });
});

describe('a request that was answered with 502', () => {
  const crash = { token: 'crash-7', at: 1000, gone: 1010 };
  const lost = (began: number, ended: number, token = 'crash-8') => ({ token, began, ended });
  const itself = lost(999, 1030, 'crash-7');

  it('has crashed the function, or was on its way at that moment', () => {
    expect(unexplained([itself, lost(900, 1030), lost(1008, 1030)], [crash])).toEqual([]);
  });

  it('is wrong when it began later, ended before, or nothing has crashed', () => {
    expect(unexplained([itself, lost(1020, 1030)], [crash])).toEqual([
      'crash-8 was answered with 502 after 10 ms, though it began 10 ms after crash-7 had ended the function',
    ]);
    expect(unexplained([itself, lost(900, 990)], [crash])).toHaveLength(1);
    expect(unexplained([lost(900, 990)], [])).toHaveLength(1);
  });

  it('must be what the request was answered with that has crashed the function', () => {
    expect(unexplained([], [crash])).toEqual(['crash-7 crashed the function, and was not answered with 502']);
  });

  it('is in the log by its id, and nothing else is', () => {
    const asked = { token: 'crash-7', id: 'abc::1' };
    const told = [
      { service: 'crash', message: 'the function index: it ended with exit code 1' },
      { service: 'crash', message: 'GET /crash/crash-7 was answered with 502: the function failed (abc::1)' },
    ];
    expect(unexpected(told, [asked])).toEqual([]);
    expect(unexpected(told.slice(0, 1), [asked])).toHaveLength(1);
    const bug = { service: 'api', message: 'svc failed (abc::2): TypeError' };
    expect(unexpected([...told, bug], [asked])).toEqual([`svc logged [api] ${bug.message}`]);
  });
});
