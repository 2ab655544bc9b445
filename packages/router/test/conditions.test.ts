import { describe, expect, it } from 'vitest';
import { type Asked, brief, decided, headerIn, toApi } from './support.ts';

describe('conditions', () => {
  const met = (condition: object, target: string, asked: Asked = {}) =>
    brief(decided([{ src: '/(.*)', has: [condition], destination: toApi }], target, asked)) !==
    '404 from nobody';

  it.each([
    [{ eq: 'a' }, 'a', 'b'],
    [{ eq: 5 }, '5', '55'],
    [{ neq: 'a' }, 'b', 'a'],
    [{ inc: ['a', 'b'] }, 'b', 'ab'],
    [{ ninc: ['a', 'b'] }, 'ab', 'a'],
    [{ pre: 'ab' }, 'abc', 'cab'],
    [{ suf: 'ab' }, 'cab', 'abc'],
    [{ re: '^v\\d' }, 'v1.2', 'xv1'],
    [{ gt: 2 }, '3', '2'],
    [{ gte: 2 }, '2', '1'],
    [{ lt: 2 }, '1.5', 'x'],
    [{ lte: 2 }, '2', ''],
    [{ pre: 'a', suf: 'b' }, 'a-b', 'a-c'],
    ['a.c', 'abc', 'abcd'],
  ])('%j takes "%s" and not "%s"', (value, good, bad) => {
    const condition = { type: 'header', key: 'X-Thing', value };
    expect(met(condition, '/', { headers: { 'x-thing': good } })).toBe(true);
    expect(met(condition, '/', { headers: { 'x-thing': bad } })).toBe(false);
    expect(met(condition, '/')).toBe(false);
  });

  it('read cookies, decoded and unquoted, the first of a name', () => {
    const condition = { type: 'cookie', key: 'plan', value: 'a b' };
    expect(met(condition, '/', { headers: { cookie: 'x=1; plan="a%20b"; plan=c' } })).toBe(true);
    expect(met(condition, '/', { headers: { cookie: 'xplan=a%20b' } })).toBe(false);
  });

  it('read parameters, any of several values', () => {
    const condition = { type: 'query', key: 'k y', value: '2' };
    expect(met(condition, '/?k+y=1&k%20y=2')).toBe(true);
    expect(met(condition, '/?k+y=1')).toBe(false);
    expect(met({ type: 'query', key: 'k y', value: { neq: '2' } }, '/?k+y=1&k+y=2')).toBe(false);
  });

  it('compare a host without its port, or with it when it is written', () => {
    const host = (value: string) => met({ type: 'host', value }, '/', { host: 'Shop.example:3000' });
    expect([host('shop.example'), host('shop.example:3000'), host('shop.example:4000')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('fill destinations with what they captured, encoded for a URL', () => {
    const rule = {
      src: '/go',
      has: [{ type: 'query', key: 'to', value: '(?<where>[\\s\\S]*)' }],
      headers: { Location: '/at/$where?was=$where' },
      status: 307,
    };
    expect(brief(decided([rule], '/go?to=a%20b%2Fc%0d%0aX:1'))).toBe(
      '307 to /at/a%20b/c%0D%0AX%3A1?was=a%20b%2Fc%0D%0AX%3A1&to=a%20b%2Fc%0d%0aX:1',
    );
  });

  it('give a bare key as a name', () => {
    const rule = {
      src: '/u',
      has: [
        { type: 'header', key: 'x-user' },
        { type: 'cookie', key: 'id' },
      ],
      headers: { 'x-seen': '$id' },
      continue: true,
    };
    const decision = decided([rule, { src: '/(.*)', destination: toApi }], '/u', {
      headers: { 'x-user': 'u', cookie: 'id=7' },
    });
    expect(headerIn(decision, 'x-seen')).toBe('7');
  });

  it('of "missing" must not be met', () => {
    const rule = { src: '/', missing: [{ type: 'header', key: 'x-a', value: 'no' }], status: 204 };
    expect(brief(decided([rule], '/'))).toBe('204');
    expect(brief(decided([rule], '/', { headers: { 'x-a': 'yes' } }))).toBe('204');
    expect(brief(decided([rule], '/', { headers: { 'x-a': 'no' } }))).toBe('404 from nobody');
  });
});
