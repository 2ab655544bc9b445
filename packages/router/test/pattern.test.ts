import { has } from '@svc/char-sets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedMatch, STEP_LIMIT, TooManySteps } from '../src/pattern/bounded-match.ts';
import { parseExpression } from '../src/pattern/parse.ts';
import { compilePattern, type Groups } from '../src/pattern/pattern.ts';
import { type Program, programOf } from '../src/pattern/program.ts';
import { longestFor, riskOf } from '../src/pattern/risk.ts';

function match(source: string, text: string, ignoreCase = false): Groups | undefined {
  const compiled = compilePattern(source, ignoreCase);
  if (!compiled.ok) throw new Error(compiled.problem);
  const groups = compiled.pattern.match(text);
  return groups && [...groups];
}

/** What the bounded matcher says, whether or not it would be asked. */
function bounded(source: string, text: string) {
  const { syntax, captures } = parseExpression(source, false);
  return boundedMatch(programOf(syntax), captures, text, false);
}

const letter = fc.constantFrom('a', 'b', '/', '.', '[ab]', '[^/]', '\\.', '\\w');
const quantifier = fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '{2}', '{1,2}');
const { expression } = fc.letrec<{ expression: string; piece: string }>(tie => ({
  expression: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map(pieces => pieces.join('')),
  piece: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.tuple(letter, quantifier).map(parts => parts.join('')),
    fc.tuple(tie('expression'), tie('expression'), quantifier).map(([a, b, q]) => `(?:${a}|${b})${q}`),
    fc.tuple(tie('expression'), quantifier).map(([a, q]) => `(?:${a})${q}`),
    tie('expression').map(a => `(?!${a})`),
    tie('expression').map(a => `(${a})`),
  ),
}));

describe('what JavaScript has too', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 10 }).map(parts => parts.join(''));

  it('matches the same texts, by either matcher', () => {
    fc.assert(
      fc.property(expression, text, (source, given) => {
        const wanted = new RegExp(`^${source}$`).test(given);
        expect(match(`^${source}$`, given) !== undefined).toBe(wanted);
        expect(bounded(`^${source}$`, given).slots !== undefined).toBe(wanted);
      }),
      { numRuns: 3000, seed: 42 },
    );
  });

  it.each([
    ['^/(a|ab)(c|bcd)(d*)$', '/abcd'],
    ['^/(.*?)/(.*)$', '/a/b/c'],
    ['^/((?:[^/]+/)*[^/.]+)$', '/a/b/c'],
    ['^/(?:(.+)/)?index(?:\\.html)?/?$', '/a/index.html'],
    ['^/(a)?(b)?$', '/b'],
    ['^/(?=(a+))a*$', '/aaa'],
  ])('gives the groups of %s', (source, given) => {
    const wanted = [...(new RegExp(source).exec(given) ?? [])];
    expect(wanted.length).toBeGreaterThan(0);
    expect(match(source, given)).toEqual(wanted);
    const { slots } = bounded(source, given);
    const groups = wanted.map((_, group) => {
      const [from = -1, to = -1] = [slots?.[group * 2], slots?.[group * 2 + 1]];
      return from === -1 ? undefined : given.slice(from, to);
    });
    expect(groups).toEqual(wanted);
  });
});

describe('what only PCRE has', () => {
  it.each([
    ['^/(?P<x>[a-z]+)$', '/ab', ['/ab', 'ab']],
    ['^(?i)/About$', '/aBOUT', ['/aBOUT']],
    ['^/(?i:A)b$', '/ab', ['/ab']],
    ['^/[[:alpha:]]+$', '/ab', ['/ab']],
    ['^/[]a]+$', '/]a', ['/]a']],
    ['\\A/a\\z', '/a', ['/a']],
    ['^/\\Qa.b\\E$', '/a.b', ['/a.b']],
    ['^/(?>a|ab)c$', '/ac', ['/ac']],
    ['^/a++b$', '/aab', ['/aab']],
  ])('%s matches %s', (source, given, wanted) => {
    expect(match(source, given)).toEqual(wanted);
  });

  it.each([
    ['^/(?>a|ab)c$', '/abc'],
    ['^/a++ab$', '/aab'],
    ['^/(?i:A)b$', '/aB'],
    ['^/\\Qa.b\\E$', '/axb'],
  ])('%s does not match %s', (source, given) => {
    expect(match(source, given)).toBeUndefined();
  });

  it('lets alternatives share a name', () => {
    const compiled = compilePattern('^/(?:(?<x>a)|b(?<x>c))$');
    expect(compiled.ok && compiled.pattern.names.get('x')).toEqual([1, 2]);
  });
});

describe('what cannot be used', () => {
  it.each([
    ['^/(a)\\1$', /refers back/],
    ['^/(?<x>a)\\k<x>$', /refers back/],
    ['^/(a$', /without its "\)"/],
    ['^/a)$', /without its "\("/],
    ['^/*$|?', /nothing before it/],
    ['^/[a$', /ends in the middle/],
    ['^/[z-a]$', /wrong way round/],
    ['^/a{3,2}$', /wrong way round/],
    ['^/(?R)$', /does not know/],
    ['^/\\p{L}$', /does not know/],
    ['^/((a+)+(?<=a))+$', /looks behind/],
    ['^/(?:(?:a|a){1000}){1000}$', /counts too high/],
  ])('%s', (source, problem) => {
    const compiled = compilePattern(source);
    expect(compiled.ok ? '' : compiled.problem).toMatch(problem);
  });
});

/** How many steps an engine without memory takes for a program; infinite beyond a limit. */
function stepsWithoutMemory(program: Program, text: string, limit: number): number {
  let steps = 0;
  function reaches(part: Program, start: number): number {
    const pending: (readonly [next: number, at: number])[] = [[0, start]];
    for (let todo = pending.pop(); todo; todo = pending.pop()) {
      let [next, at] = todo;
      for (;;) {
        steps += 1;
        if (steps > limit) throw new TooManySteps();
        const instruction = part[next];
        if (!instruction) throw new Error('no such instruction');
        if (instruction.op === 'match') return at;
        if (instruction.op === 'read') {
          if (at >= text.length || !has(instruction.set, text.charCodeAt(at))) break;
          at += 1;
        } else if (instruction.op === 'split') pending.push([instruction.other, at]);
        else if (instruction.op === 'edge' && (instruction.at === 'start' ? at > 0 : at < text.length)) break;
        else if (instruction.op === 'look' && (reaches(instruction.part, at) !== -1) === instruction.negative)
          break;
        next = instruction.next;
      }
    }
    return -1;
  }
  try {
    reaches(program, 0);
    return steps;
  } catch (error) {
    if (error instanceof TooManySteps) return Infinity;
    throw error;
  }
}

describe('hostile texts', () => {
  const length = 2000;
  const nasty = `/${'a'.repeat(length)}!`;

  // A backtracking engine would need more steps than there are atoms in the universe, or the square of the length.
  it.each([
    '^/(a+)+$',
    '^/(a|a)*$',
    '^/(a*)*$',
    '^/(a|aa)+$',
    '^/(.*a){20}$',
    '^/([a-z]+)*\\d$',
    '^/(a?){40}b$',
  ])('%s takes steps in proportion to the text', source => {
    const instructions = programOf(parseExpression(source, false).syntax).length;
    const { slots, steps } = bounded(source, nasty);
    expect(slots).toBeUndefined();
    expect(steps).toBeLessThanOrEqual(instructions * (nasty.length + 1));
    expect(match(source, nasty)).toBeUndefined();
  });

  it.each(['^/(a+)+$', '^/(a|a)*$', '^/(a*)*$', '^/(?:a+b?)+$', '^/(?:(?!x.*y).)*$'])(
    '%s is not left to the engine of JavaScript',
    source => {
      expect(riskOf(parseExpression(source, false).syntax).exponential).toBe(true);
    },
  );

  it.each([
    ['^(?:/(.*))$', 1],
    ['^/api(?:/((?:[^/]+?)(?:/(?:[^/]+?))*))?$', 1],
    ['^/(?!(?:_next/.*|en|fr)(?:/.*|$))(.*)$', 2],
    ['^/(.*)/(.*)/(.*)$', 3],
  ])('%s is, as its steps are a power of the length', (source, degree) => {
    expect(riskOf(parseExpression(source, false).syntax)).toMatchObject({ exponential: false, degree });
  });

  it('are left to the engine of JavaScript only where it needs few steps', () => {
    const hostile = fc
      .tuple(fc.constantFrom('a', 'ab', '/a', 'a.', '/', '/a/b'), fc.constantFrom('!', '/', '', 'b'))
      .map(
        ([unit, end]) =>
          (length: number) =>
            `/${unit.repeat(length / unit.length)}`.slice(0, length) + end,
      );
    let judged = 0;
    fc.assert(
      fc.property(expression, hostile, (source, textOf) => {
        const { syntax } = parseExpression(`^${source}$`, false);
        const longest = longestFor(riskOf(syntax));
        if (longest === -1) return;
        judged += 1;
        const length = Math.min(1000, longest);
        expect(stepsWithoutMemory(programOf(syntax), textOf(length), 2_000_000), source).toBeLessThan(
          2_000_000,
        );
      }),
      { numRuns: 1500, seed: 7 },
    );
    expect(judged).toBeGreaterThan(300);
  });

  it('stops at a limit where conditions inside of loops multiply', () => {
    expect(() => bounded('^/(?:(?=.*b)a)*$', `/${'a'.repeat(4000)}b`)).toThrow(TooManySteps);
    expect(STEP_LIMIT).toBeLessThan(5_000_000);
  });
});
