import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OwnWrites } from '../src/service/own-writes.ts';

describe('what a build writes among its sources', () => {
  let told: string[];
  let writes: OwnWrites;
  const build = (during: readonly string[]) => {
    writes.begin();
    const edited = writes.edited(during);
    writes.end();
    vi.advanceTimersByTime(1000);
    return edited;
  };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    told = [];
    writes = new OwnWrites(message => told.push(message));
  });
  afterEach(() => vi.useRealTimers());

  it('counts as an edit at first, and no longer once it has changed in every build', () => {
    expect(build(['made.txt'])).toEqual(['made.txt']);
    expect(build(['made.txt', 'main.go'])).toEqual(['made.txt', 'main.go']);
    expect(build(['made.txt', 'main.go'])).toEqual(['main.go']);
    expect(build(['made.txt'])).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^made\.txt changes whenever.*\.gitignore$/)]);
  });

  it('counts as well where it is told of a moment after the build', () => {
    for (let round = 0; round < 3; round++) {
      writes.begin();
      writes.end();
      writes.edited(['made.txt']);
    }
    expect(told).toHaveLength(1);
  });

  it('is an edit whenever it changes without a build', () => {
    build(['main.go']);
    build(['main.go']);
    expect(writes.edited(['main.go'])).toEqual(['main.go']);
    expect(build(['main.go'])).toEqual(['main.go']);
    expect(told).toEqual([]);
  });
});
