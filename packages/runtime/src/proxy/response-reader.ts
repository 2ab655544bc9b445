/** The first lines of a response: what comes before the body. */
export interface ResponseHead {
  readonly status: number;
  readonly message: string;
  /** In the order in which they came, names as they were written. Bytes above 127 are Latin-1. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Takes a response as it comes in. */
export interface ResponseSink {
  /** A 1xx response before the real one: 100, 103. */
  onInformational(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  /** False: no more for now, until the connection is told to go on. The chunk is the sink's to keep. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: ResponseHead['headers']): void;
}

/** The peer did not speak HTTP/1.1; the connection is of no more use. */
export class ProtocolError extends Error {}

const LARGEST_HEAD = 262_144;
const LARGEST_CHUNK_LINE = 8_192;
const NOTHING = Buffer.alloc(0);
const END_OF_HEAD = Buffer.from('\r\n\r\n');

type State =
  | 'idle'
  | 'head'
  | 'length'
  | 'chunk-size'
  | 'chunk'
  | 'chunk-end'
  | 'trailers'
  | 'until-close'
  | 'tunnel';

/**
 * Reads HTTP/1.1 responses (RFC 9112) from pieces of any size. Node's own client costs several times as much for each
 * request, mostly for objects that a proxy has no use for.
 */
export class ResponseReader {
  /** Whether the connection can be used again after this response. */
  keepsAlive = true;
  private state: State = 'idle';
  private held: Buffer = NOTHING;
  private remaining = 0;
  private isHead = false;
  private sink: ResponseSink | undefined;

  begin(method: string, sink: ResponseSink): void {
    this.state = 'head';
    this.isHead = method === 'HEAD';
    this.sink = sink;
    this.keepsAlive = true;
  }

  /** Nothing of a response has come. */
  get isUntouched(): boolean {
    return this.state === 'head' && this.held.length === 0;
  }

  get isIdle(): boolean {
    return this.state === 'idle';
  }

  /** After a response of status 101: the bytes that came behind it. */
  takeRest(): Buffer {
    const rest = this.held;
    this.held = NOTHING;
    return rest;
  }

  /** @returns whether to go on reading. @throws ProtocolError */
  push(chunk: Buffer): boolean {
    let data = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    this.held = NOTHING;
    let wantsMore = true;
    while (data.length > 0) {
      const used = this.step(data);
      if (used === 0) break;
      if (used < 0) wantsMore = false;
      data = data.subarray(Math.abs(used));
    }
    this.held = data;
    return wantsMore;
  }

  /** The peer has closed. @returns whether that is a proper end of the response. */
  end(): boolean {
    if (this.state !== 'until-close') return false;
    this.finish([]);
    return true;
  }

  /** Takes what it can: the count of bytes, negative when the sink wants a pause, 0 when more must come first. */
  private step(data: Buffer): number {
    switch (this.state) {
      case 'head':
        return this.readHead(data);
      case 'length':
        return this.readBody(data, () => this.finish([]));
      case 'chunk':
        return this.readBody(data, () => {
          this.state = 'chunk-end';
        });
      case 'until-close':
        return this.sink?.onData(data) === false ? -data.length : data.length;
      case 'chunk-size':
        return this.readChunkSize(data);
      case 'chunk-end':
        return this.readChunkEnd(data);
      case 'trailers':
        return this.readTrailers(data);
      case 'tunnel':
        return 0;
      case 'idle':
        throw new ProtocolError('it sent more than its response');
    }
  }

  private readHead(data: Buffer): number {
    const end = data.indexOf(END_OF_HEAD);
    if (end > LARGEST_HEAD || (end === -1 && data.length > LARGEST_HEAD)) {
      throw new ProtocolError('its response headers are longer than 256 kB');
    }
    if (end === -1) return 0;
    const lines = data.toString('latin1', 0, end).split('\r\n');
    const [, minor, code, message = ''] = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(lines[0] ?? '') ?? [];
    if (code === undefined) throw new ProtocolError('what it sent is no HTTP/1.1 response');
    const head: ResponseHead = { status: Number(code), message, headers: parseFields(lines, 1) };
    if (head.status < 200 && head.status !== 101) {
      this.sink?.onInformational(head);
      return end + 4;
    }
    this.beginBody(head, minor === '1');
    return end + 4;
  }

  private beginBody(head: ResponseHead, isCurrent: boolean): void {
    const framing = framingOf(head.headers, isCurrent);
    this.keepsAlive = framing.keepsAlive;
    if (head.status === 101) {
      this.state = 'tunnel';
      this.sink?.onHead(head);
      return;
    }
    this.sink?.onHead(head);
    if (this.isHead || head.status === 204 || head.status === 304) {
      this.finish([]);
    } else if (framing.isChunked) {
      this.state = 'chunk-size';
    } else if (framing.length !== undefined) {
      this.remaining = framing.length;
      this.state = 'length';
      if (framing.length === 0) this.finish([]);
    } else {
      this.keepsAlive = false;
      this.state = 'until-close';
    }
  }

  private readBody(data: Buffer, done: () => void): number {
    const part = data.length > this.remaining ? data.subarray(0, this.remaining) : data;
    this.remaining -= part.length;
    const wantsMore = this.sink?.onData(part);
    if (this.remaining === 0) done();
    return wantsMore === false ? -part.length : part.length;
  }

  private readChunkSize(data: Buffer): number {
    const end = data.indexOf('\r\n');
    if (end === -1) {
      if (data.length > LARGEST_CHUNK_LINE) throw new ProtocolError('its chunked response is damaged');
      return 0;
    }
    const [, size] = /^([0-9a-fA-F]{1,13})[ \t]*(?:;.*)?$/.exec(data.toString('latin1', 0, end)) ?? [];
    if (size === undefined) throw new ProtocolError('its chunked response is damaged');
    this.remaining = Number.parseInt(size, 16);
    this.state = this.remaining === 0 ? 'trailers' : 'chunk';
    return end + 2;
  }

  private readChunkEnd(data: Buffer): number {
    if (data.length < 2) return 0;
    if (data[0] !== 13 || data[1] !== 10) throw new ProtocolError('its chunked response is damaged');
    this.state = 'chunk-size';
    return 2;
  }

  private readTrailers(data: Buffer): number {
    if (data.length < 2) return 0;
    if (data[0] === 13 && data[1] === 10) {
      this.finish([]);
      return 2;
    }
    const end = data.indexOf('\r\n\r\n');
    if (end === -1) {
      if (data.length > LARGEST_HEAD) throw new ProtocolError('its trailers are longer than 256 kB');
      return 0;
    }
    this.finish(parseFields(data.toString('latin1', 0, end).split('\r\n'), 0));
    return end + 4;
  }

  private finish(trailers: ResponseHead['headers']): void {
    const { sink } = this;
    this.state = 'idle';
    this.sink = undefined;
    sink?.onEnd(trailers);
  }
}

function parseFields(lines: readonly string[], from: number): ResponseHead['headers'] {
  const fields: [string, string][] = [];
  for (let at = from; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const colon = line.indexOf(':');
    // A name is never empty and has no space; a line that begins with one continues the line before, which is obsolete.
    if (colon < 1 || line.charCodeAt(colon - 1) <= 32 || line.charCodeAt(0) <= 32) {
      throw new ProtocolError('one of its response headers is damaged');
    }
    fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return fields;
}

/** How the end of a body is told (RFC 9112, section 6.3). */
function framingOf(headers: ResponseHead['headers'], isCurrent: boolean) {
  let length: number | undefined;
  let isChunked = false;
  let keepsAlive = isCurrent;
  for (const [name, value] of headers) {
    switch (name.length) {
      case 10:
        if (name.toLowerCase() !== 'connection') break;
        if (/\bclose\b/i.test(value)) keepsAlive = false;
        else if (/\bkeep-alive\b/i.test(value)) keepsAlive = true;
        break;
      case 14:
        if (name.toLowerCase() !== 'content-length') break;
        if (!/^\d+$/.test(value) || (length !== undefined && length !== Number(value))) {
          throw new ProtocolError('its content-length is damaged');
        }
        length = Number(value);
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding' && /(?:^|,)[ \t]*chunked$/i.test(value))
          isChunked = true;
        break;
    }
  }
  return { length, isChunked, keepsAlive };
}
