import type { Rule } from './rule.ts';

interface Node {
  /** What the texts below this node have in common behind their parent's. */
  readonly label: string;
  readonly children: Map<number, Node>;
  /** Rules whose prefix ends here, in order. */
  rules: Rule[];
}

/**
 * The rules of one phase in order, found by what their sources begin with: a table of hundreds costs a request the few
 * that can match it.
 */
export class RuleList {
  readonly all: readonly Rule[];
  readonly #root: Node;

  constructor(rules: readonly Rule[]) {
    this.all = rules;
    this.#root = nodeOf(
      '',
      rules.map(rule => ({ rule, prefix: rule.pattern.prefix })),
    );
  }

  /** In order, all rules whose prefix the path has: every rule that matches is among them. */
  candidates(path: string): readonly Rule[] {
    let found = this.#root.rules;
    let node = this.#root;
    let at = 0;
    for (;;) {
      const child = node.children.get(path.charCodeAt(at));
      if (!child || !path.startsWith(child.label, at)) return found;
      at += child.label.length;
      node = child;
      if (node.rules.length === 0) continue;
      found = found.length === 0 ? node.rules : merged(found, node.rules);
    }
  }
}

interface Entry {
  readonly rule: Rule;
  /** What of the prefix is left. */
  readonly prefix: string;
}

function nodeOf(label: string, entries: readonly Entry[]): Node {
  const node: Node = { label, children: new Map(), rules: [] };
  const below = new Map<number, Entry[]>();
  for (const entry of entries) {
    if (entry.prefix === '') node.rules.push(entry.rule);
    else {
      const code = entry.prefix.charCodeAt(0);
      const group = below.get(code);
      if (group) group.push(entry);
      else below.set(code, [entry]);
    }
  }
  for (const [code, group] of below) {
    const shared = commonStart(group.map(({ prefix }) => prefix));
    const rest = group.map(({ rule, prefix }) => ({ rule, prefix: prefix.slice(shared.length) }));
    node.children.set(code, nodeOf(shared, rest));
  }
  return node;
}

function commonStart(texts: readonly string[]): string {
  const [first = ''] = texts;
  let length = first.length;
  for (const text of texts) while (!text.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

function merged(left: readonly Rule[], right: readonly Rule[]): Rule[] {
  const both: Rule[] = [];
  let at = 0;
  for (const rule of left) {
    for (let next = right[at]; next && next.index < rule.index; next = right[at]) {
      both.push(next);
      at += 1;
    }
    both.push(rule);
  }
  for (; at < right.length; at += 1) {
    const rule = right[at];
    if (rule) both.push(rule);
  }
  return both;
}
