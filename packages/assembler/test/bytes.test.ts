import { expect, test } from 'vitest';
import { compareBytes, sortedByBytes } from '../src/bytes.ts';

const TEXTS = [
  'b',
  'a',
  'a/b',
  'a.b',
  'é',
  'z\u0301',
  '\uffee',
  '\u{1f600}',
  '\ue000',
  'a\u{1f600}',
  'a\uffee',
  '',
  'Z',
  '10',
  '9',
];

function byTheirBytes(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

test('texts come in the order of their bytes, with and without characters beyond the first plane', () => {
  expect(sortedByBytes(TEXTS)).toEqual(byTheirBytes(TEXTS));
  const plain = TEXTS.filter(text => !/[\ud800-\udfff]/.test(text));
  expect(sortedByBytes(plain)).toEqual(byTheirBytes(plain));
  expect(TEXTS.toSorted(compareBytes)).toEqual(byTheirBytes(TEXTS));
});
