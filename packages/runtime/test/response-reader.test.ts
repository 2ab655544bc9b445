import { describe, expect, it } from 'vitest';
import { ProtocolError, type ResponseHead, ResponseReader } from '../src/proxy/response-reader.ts';

interface Seen {
  readonly heads: ResponseHead[];
  readonly informational: number[];
  body: string;
  trailers: ResponseHead['headers'] | undefined;
}

function read(method: string, pieces: readonly string[]): { seen: Seen; reader: ResponseReader } {
  const seen: Seen = { heads: [], informational: [], body: '', trailers: undefined };
  const reader = new ResponseReader();
  reader.begin(method, {
    onInformational: head => void seen.informational.push(head.status),
    onHead: head => void seen.heads.push(head),
    onData: chunk => {
      seen.body += chunk.toString('latin1');
      return true;
    },
    onEnd: trailers => {
      seen.trailers = trailers;
    },
  });
  for (const piece of pieces) reader.push(Buffer.from(piece, 'latin1'));
  return { seen, reader };
}

/** The same bytes in one piece, in two pieces cut at every place, and byte by byte. */
function cuts(text: string): string[][] {
  const inTwo = [...text].map((_, at) => [text.slice(0, at), text.slice(at)].filter(Boolean));
  return [[text], [...text], ...inTwo];
}

const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n4\r\nWiki\r\n6;name=value\r\npedia \r\nB\r\nin \r\nchunks\r\n0\r\nDigest: abc\r\n\r\n';

describe('a response in pieces', () => {
  it.each(cuts(CHUNKED).map(pieces => [pieces]))(
    'is read the same however it is cut (chunked) %#',
    pieces => {
      const { seen, reader } = read('GET', pieces);
      expect(seen.heads).toEqual([
        {
          status: 200,
          message: 'OK',
          headers: [
            ['Transfer-Encoding', 'chunked'],
            ['X-A', '1'],
          ],
        },
      ]);
      expect(seen.body).toBe('Wikipedia in \r\nchunks');
      expect(seen.trailers).toEqual([['Digest', 'abc']]);
      expect(reader.isIdle && reader.keepsAlive).toBe(true);
    },
  );

  it.each(
    cuts(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello',
    ).map(p => [p]),
  )('is read the same however it is cut (early hints and a length) %#', pieces => {
    const { seen, reader } = read('POST', pieces);
    expect(seen.informational).toEqual([103]);
    expect(seen.heads.map(({ status }) => status)).toEqual([201]);
    expect(seen.body).toBe('hello');
    expect(seen.trailers).toEqual([]);
    expect(reader.isIdle).toBe(true);
  });
});

describe('the end of a response', () => {
  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ])('comes at once where there is no body (%s %j)', (method, text) => {
    const { seen, reader } = read(method, [text]);
    expect(seen.trailers).toEqual([]);
    expect(reader.isIdle).toBe(true);
  });

  it('is the end of the connection where nothing tells it', () => {
    const { seen, reader } = read('GET', ['HTTP/1.1 200 OK\r\n\r\nall ', 'of it']);
    expect(seen.trailers).toBeUndefined();
    expect(reader.end()).toBe(true);
    expect(seen).toMatchObject({ body: 'all of it', trailers: [] });
    expect(reader.keepsAlive).toBe(false);
  });

  it.each([
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'HTTP/1.1 200 OK\r\ncontent-le',
    '',
  ])('is no proper one before the response is complete: %j', text => {
    expect(read('GET', text ? [text] : []).reader.end()).toBe(false);
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n', true],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', true],
  ])('leaves the connection usable or not: %j', (text, keepsAlive) => {
    expect(read('GET', [text]).reader.keepsAlive).toBe(keepsAlive);
  });
});

describe('what is no response', () => {
  it.each([
    'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\nx: 1\r\n folded: 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\nname : 2\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab',
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(300_000)}`,
  ])('is refused: %j', text => {
    expect(() => read('GET', [text])).toThrow(ProtocolError);
  });
});
