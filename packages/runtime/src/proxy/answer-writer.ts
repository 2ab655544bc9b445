import type { ServerResponse } from 'node:http';
import { isExpress } from '../express/express-response.ts';
import { asNodeHeaders, type HeaderList } from '../http/header-list.ts';
import { announcesTrailers, withLength } from './whole-headers.ts';

/** Up to this size, one string with the head costs less than two buffers. Bytes. */
const SMALL = 16_384;

/**
 * Writes an answer as it comes from the code. What came in one piece goes out in one piece: the head waits for the rest of
 * the piece that it came in (until `flush`), and no longer, so that streams are not held up.
 */
export class AnswerWriter {
  private head:
    | { readonly status: number; readonly message: string; readonly headers: HeaderList }
    | undefined;
  private first: Buffer | undefined;

  constructor(
    private readonly response: ServerResponse,
    /** The head cannot be sent. Nothing was. */
    private readonly onRefused: (cause: unknown) => void,
  ) {}

  begin(status: number, message: string, headers: HeaderList): void {
    this.head = { status, message, headers };
  }

  /** @returns false when the client should be waited for. */
  data(chunk: Buffer): boolean {
    if (this.head && !this.first) {
      this.first = chunk;
      return true;
    }
    return this.flush() ? this.response.write(chunk) : true;
  }

  end(trailers: HeaderList): void {
    const { response } = this;
    if (this.head && trailers.length === 0 && !announcesTrailers(this.head.headers)) {
      this.sendWhole();
      return;
    }
    if (!this.flush()) return;
    if (trailers.length === 0 || !response.chunkedEncoding || this.addTrailers(trailers)) response.end();
  }

  /** Nothing more is to be sent. */
  abandon(): void {
    this.head = undefined;
    this.first = undefined;
  }

  /** Sends what there is. @returns whether the head has gone out. */
  flush(): boolean {
    const { head, first, response } = this;
    if (!head) return response.headersSent;
    if (!this.writeHead(head.headers)) return false;
    if (first) response.write(first);
    else response.flushHeaders();
    return true;
  }

  private addTrailers(trailers: HeaderList): boolean {
    try {
      this.response.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]));
      return true;
    } catch (cause) {
      this.onRefused(cause);
      return false;
    }
  }

  private sendWhole(): void {
    const { head, first, response } = this;
    if (!head) return;
    const headers = withLength(head.headers, response.req.method ?? 'GET', head.status, first?.length ?? 0);
    if (isExpress(response) && response.sendWhole(head.status, head.message, headers, first)) {
      this.abandon();
      return;
    }
    if (!this.writeHead(headers)) return;
    if (first && first.length <= SMALL) response.end(first.toString('latin1'), 'latin1');
    else response.end(first);
  }

  private writeHead(headers: HeaderList): boolean {
    const { head, response } = this;
    this.head = undefined;
    this.first = undefined;
    try {
      response.writeHead(head?.status ?? 200, head?.message ?? '', asNodeHeaders(headers));
      return true;
    } catch (cause) {
      // A header that Node refuses to send: with a control character in it, say.
      this.onRefused(cause);
      return false;
    }
  }
}
