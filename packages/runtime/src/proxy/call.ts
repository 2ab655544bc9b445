import { type IncomingMessage, request as send } from 'node:http';
import type { HeaderList } from '../http/header-list.ts';
import type { Endpoint } from './connection.ts';

/** A request to a function that svc makes for a reason of its own, and so on a connection of its own. */
export interface Call {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** Path and query that the code sees. */
  readonly target: string;
  readonly headers: HeaderList;
  readonly body?: Buffer;
  /** Gives up when aborted. */
  readonly signal: AbortSignal;
}

/** What a function answered; the body is still to be read. */
export interface CallAnswer {
  readonly status: number;
  readonly message: string;
  readonly headers: HeaderList;
  readonly body: IncomingMessage;
}

/** Resolves with the head of the answer. @throws when the function breaks off, or with the signal's reason. */
export function call({ endpoint, method, target, headers, body, signal }: Call): Promise<CallAnswer> {
  const own: string[] = [];
  for (const [name, value] of headers) own.push(name, value);
  if (body) own.push('content-length', String(body.length));
  return new Promise((resolve, reject) => {
    const to = 'path' in endpoint ? { socketPath: endpoint.path } : endpoint;
    const outgoing = send({ ...to, method, path: target, headers: own, agent: false, signal });
    outgoing.once('error', error => reject(signal.aborted ? signal.reason : error));
    outgoing.once('response', (answer: IncomingMessage) => {
      resolve({
        status: answer.statusCode ?? 502,
        message: answer.statusMessage ?? '',
        headers: pairs(answer.rawHeaders),
        body: answer,
      });
    });
    outgoing.end(body);
  });
}

/** Node's flat list of names and values, as pairs. */
export function pairs(raw: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let at = 0; at < raw.length; at += 2) list.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return list;
}

/** A whole body, or null when it is longer than `most` bytes. @throws when the function breaks off. */
export async function readBody(body: IncomingMessage, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop ends the connection, and with it the function's work on the rest.
    if (size > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
