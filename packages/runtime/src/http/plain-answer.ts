import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { finishHeaders, type ResponseRules } from '@svc/router';
import { asNodeHeaders, type HeaderList, withId } from './header-list.ts';

/** The names of errors as the platform gives them in `x-vercel-error`. */
const CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'INVALID_REQUEST_METHOD',
  500: 'INTERNAL_SERVER_ERROR',
  501: 'NOT_IMPLEMENTED',
  413: 'FUNCTION_PAYLOAD_TOO_LARGE',
  502: 'FUNCTION_INVOCATION_FAILED',
  504: 'FUNCTION_INVOCATION_TIMEOUT',
};

export interface PlainAnswer {
  readonly status: number;
  readonly rules: ResponseRules;
  readonly id: string;
  /** What the reader should know beside the status. */
  readonly explanation?: string;
  /** The platform's name for what is wrong, where the status alone does not tell. */
  readonly code?: string;
  readonly headers?: HeaderList;
}

/** An answer without a page of its own: the status in words, and the id under which the log has it. Gives the body's size. */
export function answerPlainly(
  request: IncomingMessage,
  response: ServerResponse,
  { status, rules, id, explanation, code = CODES[status], headers = [] }: PlainAnswer,
): number {
  const hasBody = status >= 200 && status !== 204 && status !== 304;
  const body = Buffer.from(hasBody ? textOf(status, code, explanation, id) : '');
  const own: [string, string][] = [...headers.map(([name, value]): [string, string] => [name, value])];
  if (hasBody)
    own.push(['content-type', 'text/plain; charset=utf-8'], ['content-length', String(body.length)]);
  if (code !== undefined) own.push(['x-vercel-error', code]);
  response.writeHead(status, asNodeHeaders(withId(finishHeaders(rules, own), id)));
  response.end(body);
  return request.method === 'HEAD' ? 0 : body.length;
}

function textOf(
  status: number,
  code: string | undefined,
  explanation: string | undefined,
  id: string,
): string {
  if (status < 400) return `${STATUS_CODES[status] ?? status}\n`;
  const lines = [`${status}: ${code ?? STATUS_CODES[status] ?? 'error'}`, explanation, `id: ${id}`];
  return `${lines.filter(line => line !== undefined).join('\n')}\n`;
}

/** The rules of an answer that no table has a say in. */
export const NO_RULES: ResponseRules = { headers: [], transforms: [] };
