import type { Json } from '@svc/contracts';
import type { AST } from 'toml-eslint-parser';
import { documentOfTree, type Tree } from '../document.ts';
import { type Span, sourceText } from '../source-text.ts';
import type { Reading } from './json.ts';

/** A value under construction: TOML may add to a table from several places of the file. */
interface Draft {
  span: Span;
  keySpan?: Span;
  fields?: Map<string, Draft>;
  items?: Draft[];
  scalar?: Json;
}

/** Reads TOML. The parser stops at the first syntax error. */
export async function readToml(file: string, text: string): Promise<Reading> {
  const { parseTOML, ParseError } = await import('toml-eslint-parser');
  const source = sourceText(file, text);
  try {
    const [top] = parseTOML(text).body;
    return { document: documentOfTree(source, finished(draftOf(top))), failures: [] };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return {
      failures: [
        {
          code: 'config-syntax',
          message: `This is not valid TOML: ${error.message.replace(/\.$/, '')}`,
          help: 'Text stands in quotes, and each entry on a line of its own: name = "value".',
          position: source.position({ offset: error.index, length: 1 }),
        },
      ],
    };
  }
}

function draftOf(top: AST.TOMLTopLevelTable): Draft {
  const root: Draft = { span: spanOf(top), fields: new Map() };
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') {
      addEntry(root, node);
      continue;
    }
    const table = openTable(root, node);
    for (const entry of node.body) addEntry(table, entry);
  }
  return root;
}

/** The table that `[a.b]` or `[[a.b]]` opens; `resolvedKey` also holds the indexes of the entries of lists. */
function openTable(root: Draft, node: AST.TOMLTable): Draft {
  const span = spanOf(node.key);
  let keyIndex = 0;
  return node.resolvedKey.reduce<Draft>((parent, step) => {
    if (typeof step === 'number') {
      parent.items ??= [];
      parent.items[step] ??= { span, keySpan: span, fields: new Map() };
      return parent.items[step];
    }
    const key = node.key.keys[keyIndex];
    keyIndex += 1;
    return child(parent, step, key ? spanOf(key) : span);
  }, root);
}

function addEntry(table: Draft, entry: AST.TOMLKeyValue): void {
  const target = entry.key.keys.reduce((parent, key) => child(parent, nameOf(key), spanOf(key)), table);
  Object.assign(target, valueDraft(entry.value));
}

function child(parent: Draft, name: string, keySpan: Span): Draft {
  parent.fields ??= new Map();
  const existing = parent.fields.get(name);
  if (existing) return existing;
  const created: Draft = { span: keySpan, keySpan };
  parent.fields.set(name, created);
  return created;
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

function valueDraft(node: AST.TOMLContentNode): Draft {
  const span = spanOf(node);
  switch (node.type) {
    case 'TOMLArray':
      return { span, items: node.elements.map(valueDraft) };
    case 'TOMLInlineTable': {
      const table: Draft = { span, fields: new Map() };
      for (const entry of node.body) addEntry(table, entry);
      return table;
    }
    case 'TOMLValue':
      // JSON has no dates: they stay text, as written.
      return { span, scalar: node.value instanceof Date ? node.value.toISOString() : node.value };
  }
}

function finished(draft: Draft): Tree {
  const common = { span: draft.span, ...(draft.keySpan ? { keySpan: draft.keySpan } : {}) };
  if (draft.items) {
    const items = draft.items.map(finished);
    return { ...common, items, value: items.map(item => item.value) };
  }
  if (draft.scalar !== undefined) return { ...common, value: draft.scalar };
  const fields = new Map([...(draft.fields ?? [])].map(([name, field]) => [name, finished(field)]));
  const entries = [...fields].map(([name, field]): [string, Json] => [name, field.value]);
  return { ...common, fields, value: Object.fromEntries(entries) };
}

function spanOf(node: { readonly range: readonly [number, number] }): Span {
  return { offset: node.range[0], length: node.range[1] - node.range[0] };
}
