import type { HeaderChange, RouterRequest } from './decision.ts';
import { decodedComponent, pairsOf } from './query.ts';

/** What conditions look at. Cookies and parameters are parsed when the first rule asks for them. */
export class Incoming {
  readonly method: string;
  readonly headers: RouterRequest['headers'];
  readonly #host: string;
  #query: string | null;
  #hosts: readonly string[] | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #parameters: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(method: string, headers: RouterRequest['headers'], host: string, query: string | null) {
    this.method = method;
    this.headers = headers;
    this.#host = host;
    this.#query = query;
  }

  /** The name alone first: that is what tables are written for. */
  get hosts(): readonly string[] {
    if (!this.#hosts) {
      const host = this.#host.toLowerCase();
      const name = host.replace(/:\d*$/, '');
      this.#hosts = host === '' ? [] : name === host ? [host] : [name, host];
    }
    return this.#hosts;
  }

  /** Lines of the same name are one value, as HTTP has it. */
  header(name: string): readonly string[] {
    const value = Object.hasOwn(this.headers, name) ? this.headers[name] : undefined;
    if (value === undefined) return [];
    return [typeof value === 'string' ? value : value.join(', ')];
  }

  cookie(name: string): readonly string[] {
    this.#cookies ??= cookiesOf(this.header('cookie')[0] ?? '');
    const value = this.#cookies.get(name);
    return value === undefined ? [] : [value];
  }

  parameter(name: string): readonly string[] {
    this.#parameters ??= parametersOf(this.#query);
    return this.#parameters.get(name) ?? [];
  }

  /** Conditions look at the query that the request has by now. */
  useQuery(query: string | null): void {
    if (query === this.#query) return;
    this.#query = query;
    this.#parameters = undefined;
  }
}

/** The same request with other headers, as middleware may want it. */
export function withChanges(request: Incoming, changes: readonly HeaderChange[], host: string): Incoming {
  const changed = changes.map(([name, value]) => [name, value ?? undefined]);
  return new Incoming(request.method, { ...request.headers, ...Object.fromEntries(changed) }, host, null);
}

/** The first of several cookies of one name counts: RFC 6265 has the more specific one first. */
function cookiesOf(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals === -1) continue;
    const name = part.slice(0, equals).trim();
    const quoted = /^"(.*)"$/.exec(part.slice(equals + 1).trim());
    const value = quoted?.[1] ?? part.slice(equals + 1).trim();
    if (name !== '' && !cookies.has(name)) cookies.set(name, decodedComponent(value));
  }
  return cookies;
}

function parametersOf(query: string | null): ReadonlyMap<string, readonly string[]> {
  const parameters = new Map<string, string[]>();
  for (const { key, value } of pairsOf(query)) {
    const values = parameters.get(key);
    if (values) values.push(value);
    else parameters.set(key, [value]);
  }
  return parameters;
}
