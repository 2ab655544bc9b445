import type { CharSet } from '@svc/char-sets';
import { never } from '@svc/contracts';
import { type Syntax, Unsupported } from './syntax.ts';

/** One instruction of the bounded matcher. `next` and `other` are places in the program. */
export type Instruction =
  | { readonly op: 'read'; readonly set: CharSet; readonly next: number }
  | { readonly op: 'jump'; readonly next: number }
  /** Tries `next`, then `other`. */
  | { readonly op: 'split'; readonly next: number; readonly other: number }
  | { readonly op: 'save'; readonly slot: number; readonly next: number }
  | { readonly op: 'edge'; readonly at: 'start' | 'end' | 'word' | 'not-word'; readonly next: number }
  | { readonly op: 'look'; readonly negative: boolean; readonly part: Program; readonly next: number }
  | { readonly op: 'atomic'; readonly part: Program; readonly next: number }
  | { readonly op: 'match' };

export type Program = readonly Instruction[];

/** Counted repetitions are written out; a program that would get longer than this is refused. */
const LONGEST = 5000;

/** @throws Unsupported for look-behind, which the matcher does not do, and for counts that are too high. */
export function programOf(syntax: Syntax): Program {
  const program: Instruction[] = [];
  const write = (instruction: Instruction): number => {
    if (program.length >= LONGEST) throw new Unsupported('counts too high');
    return program.push(instruction) - 1;
  };

  /** Writes the code for `node` that goes on at `next`; gives where it begins. Written from the end to the start. */
  function code(node: Syntax, next: number): number {
    switch (node.kind) {
      case 'set':
        return write({ op: 'read', set: node.set, next });
      case 'edge':
        return write({ op: 'edge', at: node.at, next });
      case 'capture':
        return write({
          op: 'save',
          slot: node.index * 2,
          next: code(node.part, write({ op: 'save', slot: node.index * 2 + 1, next })),
        });
      case 'atomic':
        return write({ op: 'atomic', part: programOf(node.part), next });
      case 'look':
        if (node.behind) throw new Unsupported('looks behind in an expression that needs bounding');
        return write({ op: 'look', negative: node.negative, part: programOf(node.part), next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => code(part, after), next);
      case 'choice': {
        const starts = node.parts.map(part => code(part, next));
        return starts.reduceRight((after, start) => write({ op: 'split', next: start, other: after }));
      }
      case 'repeat':
        return node.mode === 'possessive'
          ? write({ op: 'atomic', part: programOf({ ...node, mode: 'greedy' }), next })
          : repeat(node, next);
      default:
        return never(node);
    }
  }

  function repeat(node: Extract<Syntax, { kind: 'repeat' }>, next: number): number {
    const fork = (body: number): Instruction =>
      node.mode === 'lazy' ? { op: 'split', next, other: body } : { op: 'split', next: body, other: next };
    let at = next;
    if (node.max === Infinity) {
      const loop = write({ op: 'jump', next });
      const body = code(node.part, loop);
      program[loop] = fork(body);
      at = loop;
    } else {
      for (let count = node.min; count < node.max; count += 1) {
        const body = code(node.part, at);
        at = write(fork(body));
      }
    }
    for (let count = 0; count < node.min; count += 1) at = code(node.part, at);
    return at;
  }

  const start = code(syntax, write({ op: 'match' }));
  // A program begins at its first instruction, so that `start` need not be carried along.
  return [{ op: 'jump', next: start + 1 }, ...program.map(shifted)];
}

function shifted(instruction: Instruction): Instruction {
  if (instruction.op === 'match') return instruction;
  if (instruction.op === 'split') {
    return { ...instruction, next: instruction.next + 1, other: instruction.other + 1 };
  }
  return { ...instruction, next: instruction.next + 1 };
}
