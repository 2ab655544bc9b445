import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, patternOf } from '../src/patterns/covers.ts';

/** Anchored expressions over a tiny alphabet, so that random paths often match. */
const piece = fc.constantFrom('a', 'b', '/', '.', '[^/]', '[ab]', '\\d', '1', '(?:a|b/)', '(?:/a)', '(ab?)');
const repeated = fc
  .tuple(piece, fc.constantFrom('', '', '*', '+', '?', '{1,2}', '*?'))
  .map(parts => parts.join(''));
const expression = fc
  .array(
    fc.oneof(
      repeated,
      fc.array(repeated, { minLength: 1, maxLength: 2 }).map(parts => `(?:${parts.join('|')})*`),
    ),
    {
      maxLength: 4,
    },
  )
  .map(parts => `^/${parts.join('')}$`);
const path = fc
  .array(fc.constantFrom('a', 'b', '/', '1'), { maxLength: 6 })
  .map(parts => `/${parts.join('')}`);

describe('covers', () => {
  it('never claims what a path disproves', () => {
    let claims = 0;
    fc.assert(
      fc.property(
        expression,
        expression,
        fc.array(path, { minLength: 30, maxLength: 60 }),
        (earlier, later, paths) => {
          if (!covers(patternOf(earlier), patternOf(later))) return;
          claims += 1;
          for (const each of paths)
            if (new RegExp(later).test(each)) expect(each).toMatch(new RegExp(earlier));
        },
      ),
      { numRuns: 2000 },
    );
    expect(claims).toBeGreaterThan(50);
  });

  it('proves what a longer expression of the same shape allows', () => {
    fc.assert(
      fc.property(expression, piece, (source, extra) => {
        const wider = source.replace(/\$$/, `(?:${extra})?$`);
        expect(covers(patternOf(wider), patternOf(source))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('claims nothing of what is not regular', () => {
    for (const source of ['^/(?!a).*$', '^/(a)\\1$', '^/a\\b.*$', '^/a|/b$']) {
      expect(covers(patternOf('^/.*$'), patternOf(source))).toBe(false);
      expect(covers(patternOf(source), patternOf('^/b$'))).toBe(false);
    }
  });

  it('gives up on expressions that are too large, and comes back', () => {
    expect(covers(patternOf('^/(?:a{900}){900}$'), patternOf('^/a{810000}$'))).toBe(false);
    expect(covers(patternOf(`^/(?:.*a.{20})$`), patternOf('^/(?:.*b.{20})$'))).toBe(false);
  });
});
