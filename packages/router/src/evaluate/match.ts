import type { Incoming } from '../incoming.ts';
import type { Groups } from '../pattern/pattern.ts';
import { type Captured, type Condition, meets } from '../table/conditions.ts';
import type { Phase, Rule } from '../table/rule.ts';

export interface Match {
  readonly groups: Groups;
  readonly captured: Captured | undefined;
}

/** Whether a rule applies; else what was missing, when `explain` is set. */
export function matchRule(
  rule: Rule,
  phase: Phase,
  path: string,
  request: Incoming,
  status: number | undefined,
): Match | Mismatch {
  const groups = rule.pattern.match(path);
  if (!groups) return SOURCE;
  if (rule.methods && !rule.methods.has(request.method)) return { mismatch: 'method', rule };
  if (phase === 'error' && rule.status !== undefined && rule.status !== status) {
    return { mismatch: 'status', rule };
  }
  if (rule.has.length === 0 && rule.missing.length === 0) return { groups, captured: undefined };
  const captured: Captured = {};
  for (const condition of rule.has) {
    if (!meets(condition, request, captured)) return { mismatch: 'has', condition };
  }
  for (const condition of rule.missing) {
    if (meets(condition, request, undefined)) return { mismatch: 'missing', condition };
  }
  return { groups, captured };
}

/** Why a rule does not apply. Worded only for explanations. */
export type Mismatch =
  | { readonly mismatch: 'source' }
  | { readonly mismatch: 'method' | 'status'; readonly rule: Rule }
  | { readonly mismatch: 'has' | 'missing'; readonly condition: Condition };

const SOURCE: Mismatch = { mismatch: 'source' };

export function isMismatch(match: Match | Mismatch): match is Mismatch {
  return 'mismatch' in match;
}

export function wordsFor(mismatch: Mismatch, path: string, method: string): string {
  switch (mismatch.mismatch) {
    case 'source':
      return `the source does not match ${path}`;
    case 'method':
      return `the method ${method} is not among ${[...(mismatch.rule.methods ?? [])].join(', ')}`;
    case 'status':
      return `it is for status ${mismatch.rule.status}`;
    case 'has':
      return mismatch.condition.value
        ? `"has" is not met: ${mismatch.condition.label} is not there or has another value`
        : `"has" is not met: ${mismatch.condition.label} is not there`;
    case 'missing':
      return `"missing" is not met: ${mismatch.condition.label} is there`;
  }
}

/** What a rule does, for explanations. */
export function effectOf(rule: Rule): string {
  const effects: string[] = [];
  const { destination, status, headers, transforms } = rule;
  if (rule.mitigate) effects.push(rule.mitigate === 'deny' ? 'denies the request' : 'challenges the visitor');
  if (rule.middleware) effects.push(`runs the middleware ${rule.middleware}`);
  if (destination?.type === 'service') effects.push(`hands over to the service ${destination.service}`);
  if (destination?.type === 'path') effects.push(`rewrites to ${textOf(destination.template)}`);
  if (status !== undefined) effects.push(`status ${status}`);
  if (rule.override) effects.push('drops the headers so far');
  if (headers.length > 0) effects.push(`sets ${headers.map(({ name }) => name).join(', ')}`);
  if (transforms.length > 0) effects.push(`transforms ${transforms.map(({ on }) => nameOf(on)).join(', ')}`);
  if (rule.locale) effects.push('chooses a language');
  const isLast = rule.mitigate !== undefined || destination?.type === 'service';
  if (!isLast) {
    effects.push(rule.continues ? 'goes on' : rule.check ? 'looks whether that exists' : 'ends the phase');
  }
  return effects.join('; ');
}

function nameOf(on: Rule['transforms'][number]['on']): string {
  return on === 'path' ? 'request.path' : on;
}

function textOf(template: readonly (string | { readonly text: string })[]): string {
  return template.map(part => (typeof part === 'string' ? part : part.text)).join('');
}
