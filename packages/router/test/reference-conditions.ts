import type { Condition, Question } from './reference-tables.ts';

/** Whether the request meets a condition of `has` or `missing`. */
export function holds(condition: Condition, question: Question, query: string | null): boolean {
  const separated = (text: string | undefined, by: string) =>
    (text ?? '')
      .split(by)
      .map(pair => pair.trim().split('='))
      .filter(([key]) => key === condition.key)
      .map(([, value = '']) => value);
  const header = question.headers[condition.key?.toLowerCase() ?? ''];
  const all = {
    host: [question.host.replace(/:\d+$/, '')],
    header: header === undefined ? [] : [header],
    cookie: separated(question.headers.cookie, ';').slice(0, 1),
    query: separated(query ?? undefined, '&'),
  }[condition.type];
  const { value } = condition;
  if (all.length === 0 || value === undefined) return all.length > 0;
  if (typeof value === 'string') return all.some(each => new RegExp(`^(?:${value})$`).test(each));
  return Object.entries(value).every(([operator, operand]) => {
    const test = (each: string) => OPERATORS[operator]?.(each, operand) ?? false;
    return operator.startsWith('n') ? all.every(test) : all.some(test);
  });
}

const number = (text: string) => (text === '' ? Number.NaN : Number(text));

const OPERATORS: Readonly<Record<string, (value: string, operand: unknown) => boolean>> = {
  eq: (value, operand) => value === String(operand),
  neq: (value, operand) => value !== operand,
  inc: (value, operand) => (operand as string[]).includes(value),
  ninc: (value, operand) => !(operand as string[]).includes(value),
  pre: (value, operand) => value.startsWith(String(operand)),
  suf: (value, operand) => value.endsWith(String(operand)),
  re: (value, operand) => new RegExp(String(operand)).test(value),
  gt: (value, operand) => number(value) > Number(operand),
  gte: (value, operand) => number(value) >= Number(operand),
  lt: (value, operand) => number(value) < Number(operand),
  lte: (value, operand) => number(value) <= Number(operand),
};
