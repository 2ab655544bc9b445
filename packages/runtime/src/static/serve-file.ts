import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { isExpress } from '../express/express-response.ts';
import { asNodeHeaders } from '../http/header-list.ts';
import { chooseFile, type FileAnswer, replyWithFile } from './file-reply.ts';
import type { FileStore } from './file-store.ts';
import type { ByteRange } from './range.ts';

/** Serves a file of a deployment. Resolves with the body's bytes when they were handed on or the client has left. */
export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  store: FileStore,
  answer: FileAnswer,
): Promise<number> {
  const asked = { method: request.method ?? 'GET', headers: request.headers };
  const chosen = chooseFile(asked, answer);
  const stored = await store.get(chosen.path);
  const { status, headers, body, length } = replyWithFile(asked, answer, chosen, stored);
  if (body === null || Buffer.isBuffer(body)) {
    if (isExpress(response) && response.sendWhole(status, '', headers, body ?? undefined)) return length;
    response.writeHead(status, asNodeHeaders(headers));
    response.end(body ?? undefined);
    return length;
  }
  response.writeHead(status, asNodeHeaders(headers));
  return sendStream(response, stored.file, body);
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
