import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { finishHeaders, type ResponseRules } from '@svc/router';
import { isExpress } from '../express/express-response.ts';
import { asNodeHeaders, type HeaderList, withId } from '../http/header-list.ts';
import { allowsRange, isRefused, isUnmodified } from './conditions.ts';
import { contentTypeOf } from './content-type.ts';
import { takesEncoding, VARIANTS } from './encodings.ts';
import type { FileStore, StoredFile } from './file-store.ts';
import { type ByteRange, readRange } from './range.ts';

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

const CACHE_CONTROL = 'public, max-age=0, must-revalidate';

/** Serves a file of a deployment. Resolves with the body's bytes when they were handed on or the client has left. */
export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  store: FileStore,
  answer: FileAnswer,
): Promise<number> {
  const { name, files, contentType, rules } = answer;
  const variants = VARIANTS.filter(({ extension }) => files.has(name + extension));
  const variant = variants.find(({ encoding }) =>
    takesEncoding(header(request, 'accept-encoding'), encoding),
  );
  const path = files.get(name + (variant?.extension ?? ''));
  if (path === undefined) throw new Error(`${name} is not among the deployment's files`);
  const stored = await store.get(path);
  const own: [string, string][] = [
    ['accept-ranges', 'bytes'],
    ['cache-control', CACHE_CONTROL],
    ['content-type', contentType ?? contentTypeOf(name)],
    ['etag', stored.etag],
  ];
  if (variant) own.push(['content-encoding', variant.encoding]);
  if (variants.length > 0) own.push(['vary', 'accept-encoding']);
  // What the tables say about a file counts more than what svc supposes.
  const said = new Set(rules.headers.map(entry => entry.name));
  return send(
    request,
    response,
    answer,
    stored,
    own.filter(([key]) => !said.has(key)),
  );
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, rules, id }: FileAnswer,
  stored: StoredFile,
  own: HeaderList,
): Promise<number> | number {
  const head = (more: HeaderList) => withId(finishHeaders(rules, [...own, ...more]), id);
  const withoutBody = (code: number, more: HeaderList) => {
    sendWhole(response, code, head(more), undefined);
    return 0;
  };
  const isPlain = status === 200;
  if (isPlain && isRefused(header(request, 'if-match'), stored.etag)) {
    return withoutBody(412, [['content-length', '0']]);
  }
  if (isPlain && isUnmodified(header(request, 'if-none-match'), stored.etag)) return withoutBody(304, []);
  const mayRange =
    isPlain && request.method === 'GET' && allowsRange(header(request, 'if-range'), stored.etag);
  const range = mayRange ? readRange(header(request, 'range'), stored.size) : null;
  if (range === 'unsatisfiable') {
    return withoutBody(416, [
      ['content-range', `bytes */${stored.size}`],
      ['content-length', '0'],
    ]);
  }
  const { first, last } = range ?? { first: 0, last: stored.size - 1 };
  const length = last - first + 1;
  const code = range ? 206 : status;
  const more: [string, string][] = [['content-length', String(length)]];
  if (range) more.unshift(['content-range', `bytes ${first}-${last}/${stored.size}`]);
  if (request.method === 'HEAD') return withoutBody(code, more);
  const { content } = stored;
  if (!content) {
    response.writeHead(code, asNodeHeaders(head(more)));
    return sendStream(response, stored.file, { first, last });
  }
  const body = length === content.length ? content : content.subarray(first, last + 1);
  sendWhole(response, code, head(more), body);
  return length;
}

function sendWhole(
  response: ServerResponse,
  status: number,
  headers: HeaderList,
  body: Buffer | undefined,
): void {
  if (isExpress(response) && response.sendWhole(status, '', headers, body)) return;
  response.writeHead(status, asNodeHeaders(headers));
  response.end(body);
}

async function sendStream(
  response: ServerResponse,
  file: string,
  { first, last }: ByteRange,
): Promise<number> {
  const stream = createReadStream(file, { start: first, end: last });
  try {
    await pipeline(stream, response);
  } catch (error) {
    // The client left; anything else is an error of the disk, which must not pass for a whole file.
    if (!response.destroyed) throw error;
  }
  return stream.bytesRead;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
