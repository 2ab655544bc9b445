/** A request without a body and without anything that needs more than one look. */
export interface PlainRequest {
  readonly method: 'GET' | 'HEAD';
  readonly target: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[];
  /** By lower-case name; none came twice. */
  readonly headers: Record<string, string>;
}

/** Longer ones are rare, and reading them is not what makes a server slow. Bytes. */
const LARGEST = 16_384;

const REQUEST_LINE = /^(GET|HEAD) (\/[!-~]*) HTTP\/1\.1$/;
/** White space around a value is spaces and tabs; a no-break space belongs to it. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/**
 * Headers that are about the connection, the body or another protocol (RFC 9110 and 9112), and one that Node's objects
 * cannot hold: not for here.
 */
const TELLING: ReadonlySet<string> = new Set([
  '__proto__',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads a request that came as a whole and is beyond doubt, by the grammar of RFC 9112 at its strictest; everything else
 * gives null, and Node's parser says what it means. Being stricter than Node is what makes a second parser harmless: no
 * request has two meanings, for those that could are not read here.
 *
 * @param chunk what the connection gave: nothing may come behind the request.
 */
export function readPlainRequest(chunk: Buffer): PlainRequest | null {
  const { length } = chunk;
  if (length > LARGEST || length < 18) return null;
  if (
    chunk[length - 4] !== 13 ||
    chunk[length - 3] !== 10 ||
    chunk[length - 2] !== 13 ||
    chunk[length - 1] !== 10
  ) {
    return null;
  }
  const lines = chunk.toString('latin1', 0, length - 4).split('\r\n');
  const line = REQUEST_LINE.exec(lines[0] ?? '');
  if (!line) return null;
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  for (let at = 1; at < lines.length; at++) {
    const field = FIELD.exec(lines[at] ?? '');
    if (!field) return null;
    const [, name = '', value = ''] = field;
    const key = name.toLowerCase();
    if (TELLING.has(key) || headers[key] !== undefined) return null;
    if (key === 'connection' && value.toLowerCase() !== 'keep-alive') return null;
    headers[key] = value;
    rawHeaders.push(name, value);
  }
  if (!headers.host) return null;
  return { method: line[1] as 'GET' | 'HEAD', target: line[2] ?? '/', rawHeaders, headers };
}
