import type { Syntax } from './syntax.ts';

/**
 * What every text that an anchored expression matches begins with, and whether that is all there is to it: `^/api/x$` is
 * whole, `^/api(?:/(.*))$` begins with `/api/`.
 */
export function literalPrefix(syntax: Syntax): { readonly prefix: string; readonly whole: boolean } {
  const parts = flat(syntax);
  if (!isEdge(parts[0], 'start')) return { prefix: '', whole: false };
  let prefix = '';
  let at = 1;
  for (; at < parts.length; at += 1) {
    const character = onlyCharacter(parts[at]);
    if (character === undefined) break;
    prefix += character;
  }
  return { prefix, whole: at === parts.length - 1 && isEdge(parts[at], 'end') && !hasCapture(syntax) };
}

function flat(syntax: Syntax): readonly Syntax[] {
  if (syntax.kind === 'sequence') return syntax.parts.flatMap(flat);
  // A group that must be there begins like its content; only its beginning is looked at, so its end may be forgotten.
  if (syntax.kind === 'capture') return flat(syntax.part);
  return [syntax];
}

function hasCapture(syntax: Syntax): boolean {
  if (syntax.kind === 'capture') return true;
  return syntax.kind === 'sequence' && syntax.parts.some(hasCapture);
}

function isEdge(syntax: Syntax | undefined, at: 'start' | 'end'): boolean {
  return syntax?.kind === 'edge' && syntax.at === at;
}

function onlyCharacter(syntax: Syntax | undefined): string | undefined {
  if (syntax?.kind !== 'set' || syntax.set.length !== 1) return undefined;
  const [range] = syntax.set;
  return range && range[0] === range[1] ? String.fromCharCode(range[0]) : undefined;
}

/** Whether a match can only begin at the start of the text: not so in `^/a|/b$`, whose second half is on its own. */
export function isAnchored(syntax: Syntax): boolean {
  if (syntax.kind === 'choice') return syntax.parts.every(isAnchored);
  return isEdge(flat(syntax)[0], 'start');
}
