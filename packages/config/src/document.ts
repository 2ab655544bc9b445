import type { Json, Position } from '@svc/contracts';
import type { SourceText, Span } from './source-text.ts';

/** Where a value is inside a document: keys of objects and indexes of lists. */
export type Path = readonly (string | number)[];

/** A key, or the value behind it. */
export type Part = 'key' | 'value';

/** A parsed file whatever its format: plain data, and the place of each part of it. */
export interface Document {
  readonly file: string;
  readonly value: Json;
  /** The place of what `path` names; for what does not exist, of the nearest thing around it. */
  place(path: Path, part?: Part): Position;
}

/** A value together with its places, as formats with a syntax tree produce it. */
export interface Tree {
  readonly value: Json;
  readonly span: Span;
  readonly keySpan?: Span;
  readonly fields?: ReadonlyMap<string, Tree>;
  readonly items?: readonly Tree[];
}

export function documentOfTree(source: SourceText, tree: Tree): Document {
  function place(path: Path, part: Part = 'value'): Position {
    const node = deepest(tree, path);
    const span = part === 'key' ? (node.keySpan ?? node.span) : node.span;
    // An underlined bracket says more than an underlined first line of a long object.
    const opensBracket = '{['.includes(source.text[span.offset] ?? ' ');
    return source.position(opensBracket ? { ...span, length: 1 } : span);
  }
  return { file: source.file, value: tree.value, place };
}

function deepest(tree: Tree, path: Path): Tree {
  let node = tree;
  for (const step of path) {
    const next = typeof step === 'number' ? node.items?.[step] : node.fields?.get(step);
    if (!next) return node;
    node = next;
  }
  return node;
}
