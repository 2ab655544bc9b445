export interface ByteRange {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

/**
 * The part that a `Range` header asks for (RFC 9110, section 14): null when all of it is to be sent, `unsatisfiable` for
 * 416. Several parts at once are answered with all of it, which is allowed and what clients cope with best.
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  if (header === undefined) return null;
  const [, from = '', to = ''] = /^bytes[ \t]*=[ \t]*(\d*)[ \t]*-[ \t]*(\d*)[ \t]*$/i.exec(header) ?? [];
  if (from === '' && to === '') return null;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return null;
  if (first >= size) return 'unsatisfiable';
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}
