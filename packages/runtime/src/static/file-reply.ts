import { finishHeaders, type ResponseRules } from '@svc/router';
import { type HeaderList, withId } from '../http/header-list.ts';
import type { RequestHeaders } from '../http/request-headers.ts';
import { allowsRange, isRefused, isUnmodified } from './conditions.ts';
import { contentTypeOf } from './content-type.ts';
import { takesEncoding, VARIANTS } from './encodings.ts';
import type { StoredFile } from './file-store.ts';
import { type ByteRange, readRange } from './range.ts';

export interface FileRequest extends Pick<RequestHeaders, 'headers'> {
  readonly method: string;
}

export interface FileAnswer {
  /** Path below `static/`; its ending tells the content type. */
  readonly name: string;
  /** Path below `static/` -> absolute path, for the file and compressed variants of it. */
  readonly files: ReadonlyMap<string, string>;
  readonly contentType: string | undefined;
  /** 200 unless the file stands for something else, such as a page for errors. */
  readonly status: number;
  readonly rules: ResponseRules;
  readonly id: string;
}

/** The file on the disk that fits a request best: a compressed one where there is one that the client takes. */
export interface ChosenFile {
  /** Absolute. */
  readonly path: string;
  readonly encoding: string | null;
  /** Other clients may get another one. */
  readonly varies: boolean;
}

/** What to send. */
export interface FileReply {
  readonly status: number;
  readonly headers: HeaderList;
  /** The bytes; the part of a file that is not held in memory; null for none. */
  readonly body: Buffer | ByteRange | null;
  /** Of the body. */
  readonly length: number;
}

const CACHE_CONTROL = 'public, max-age=0, must-revalidate';

/** @throws when the file is not among the deployment's. */
export function chooseFile(request: FileRequest, { name, files }: FileAnswer): ChosenFile {
  const variants = VARIANTS.filter(({ extension }) => files.has(name + extension));
  const accepted = header(request, 'accept-encoding');
  const variant = variants.find(({ encoding }) => takesEncoding(accepted, encoding));
  const path = files.get(name + (variant?.extension ?? ''));
  if (path === undefined) throw new Error(`${name} is not among the deployment's files`);
  return { path, encoding: variant?.encoding ?? null, varies: variants.length > 0 };
}

/** The answer with a file: whole, in part, or that the client has it already (RFC 9110, sections 13 and 14). */
export function replyWithFile(
  request: FileRequest,
  answer: FileAnswer,
  chosen: ChosenFile,
  stored: StoredFile,
): FileReply {
  const { status, rules, id } = answer;
  const own = ownHeaders(answer, chosen, stored);
  const reply = (code: number, more: HeaderList, body: FileReply['body'] = null, length = 0): FileReply => ({
    status: code,
    headers: withId(finishHeaders(rules, [...own, ...more]), id),
    body,
    length,
  });
  const isPlain = status === 200;
  if (isPlain && isRefused(header(request, 'if-match'), stored.etag)) {
    return reply(412, [['content-length', '0']]);
  }
  if (isPlain && isUnmodified(header(request, 'if-none-match'), stored.etag)) return reply(304, []);
  const mayRange =
    isPlain && request.method === 'GET' && allowsRange(header(request, 'if-range'), stored.etag);
  const range = mayRange ? readRange(header(request, 'range'), stored.size) : null;
  if (range === 'unsatisfiable') {
    return reply(416, [
      ['content-range', `bytes */${stored.size}`],
      ['content-length', '0'],
    ]);
  }
  const { first, last } = range ?? { first: 0, last: stored.size - 1 };
  const length = last - first + 1;
  const code = range ? 206 : status;
  const more: [string, string][] = [['content-length', String(length)]];
  if (range) more.unshift(['content-range', `bytes ${first}-${last}/${stored.size}`]);
  if (request.method === 'HEAD') return reply(code, more);
  const { content } = stored;
  if (!content) return reply(code, more, { first, last }, length);
  const body = length === content.length ? content : content.subarray(first, last + 1);
  return reply(code, more, body, length);
}

function ownHeaders(
  { name, contentType, rules }: FileAnswer,
  { encoding, varies }: ChosenFile,
  { etag }: StoredFile,
): HeaderList {
  const own: [string, string][] = [
    ['accept-ranges', 'bytes'],
    ['cache-control', CACHE_CONTROL],
    ['content-type', contentType ?? contentTypeOf(name)],
    ['etag', etag],
  ];
  if (encoding !== null) own.push(['content-encoding', encoding]);
  if (varies) own.push(['vary', 'accept-encoding']);
  if (rules.headers.length === 0) return own;
  // What the tables say about a file counts more than what svc supposes.
  const said = new Set(rules.headers.map(entry => entry.name));
  return own.filter(([key]) => !said.has(key));
}

function header({ headers }: FileRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
