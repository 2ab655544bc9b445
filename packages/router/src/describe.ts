import { never } from '@svc/contracts';
import type { Decision } from './decision.ts';
import type { Explanation, Step } from './trace.ts';

/**
 * An explanation for people, one line an element: what happens, the rules that led there, then everything that was
 * looked at on the way, in order.
 */
export function describeExplanation({ decision, steps }: Explanation): readonly string[] {
  const won = steps.filter(step => step.type === 'rule' && step.matched);
  return [
    outcomeOf(decision),
    ...answerLines(decision).map(line => `  ${line}`),
    '',
    won.length === 0 ? 'No rule matched.' : 'Because of',
    ...won.flatMap(step => (step.type === 'rule' ? `  ${ruleName(step)}: ${step.why}` : [])),
    '',
    'Step by step',
    ...steps.map(step => `  ${stepLine(step)}`),
  ];
}

function outcomeOf(decision: Decision): string {
  const { service } = decision;
  const who = service === null ? 'The deployment' : `The service ${service}`;
  switch (decision.type) {
    case 'redirect':
      return `${who} redirects with ${decision.status}`;
    case 'status':
      return `${who} answers ${decision.status} by a rule`;
    case 'static':
      return `${who} serves the file static/${decision.file}`;
    case 'function':
      return `${who} runs the function ${decision.name}`;
    case 'proxy':
      return `${who} asks ${decision.url}`;
    case 'middleware':
      return `${who} runs the middleware ${decision.name}, which decides how it goes on`;
    case 'error':
      return `${who} answers ${decision.status}${pageOf(decision)}`;
    default:
      return never(decision);
  }
}

function pageOf({ page }: Extract<Decision, { type: 'error' }>): string {
  if (!page) return '';
  return page.type === 'static' ? ` with its page static/${page.file}` : ` by its function ${page.name}`;
}

/** What the code and the visitor get. */
function answerLines(decision: Decision): string[] {
  const lines: string[] = [];
  if (decision.type === 'function') {
    lines.push(`the code sees ${decision.target}`);
    if (decision.matchedPath !== decision.target) lines.push(`looked up as ${decision.matchedPath}`);
  }
  if ('requestHeaders' in decision) {
    for (const [name, value] of decision.requestHeaders) {
      lines.push(value === null ? `request header ${name} removed` : `request header ${name}: ${value}`);
    }
  }
  for (const { name, value } of decision.response.headers) lines.push(`response header ${name}: ${value}`);
  for (const { op, name, values } of decision.response.transforms) {
    lines.push(`response headers, ${op} ${[name ?? 'those that match', ...values].join(' ')}`);
  }
  return lines;
}

function stepLine(step: Step): string {
  switch (step.type) {
    case 'phase':
      return `${tableName(step.table)}, ${step.phase === 'start' ? 'before any handle' : step.phase}`;
    case 'rule':
      return `  ${step.matched ? '✓' : '–'} ${step.index} ${step.source}: ${step.why}`;
    case 'lookup':
      return `  is there ${step.path}? ${step.found ?? 'no'}`;
    case 'path':
      return `  ${step.from} is now ${step.to}: ${step.why}`;
    case 'service':
      return `the service ${step.service} takes over for good, with the path ${step.lookup}`;
    default:
      return never(step);
  }
}

function ruleName({ table, index, source }: Extract<Step, { type: 'rule' }>): string {
  return `rule ${index} of ${tableName(table)}, ${source}`;
}

function tableName(table: string | null): string {
  return table === null ? 'the public table' : `the table of ${table}`;
}
