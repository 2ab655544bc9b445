import type { Decision, ErrorPage, ResponseHeader, ResponseRules } from '../decision.ts';
import type { Incoming } from '../incoming.ts';
import type { Output } from '../outputs.ts';
import { redirectedQuery, rewrittenQuery, splitUrl, withQuery } from '../query.ts';
import { headerChanges, seenTarget } from './code-view.ts';
import { headerOf, type State, withHeader } from './state.ts';

/** Decisions from a state. `service` is whose table it is. */

export function responseOf(state: State): ResponseRules {
  return { headers: state.headers, transforms: state.responseEdits };
}

/** The redirect that the rules so far amount to, if they do. The request's query goes along. */
export function redirectOf(state: State, service: string | null): Decision | undefined {
  const { status } = state;
  if (status === undefined || status < 300 || status > 399) return undefined;
  const location = headerOf(state, 'location');
  if (location === undefined) return undefined;
  const value = completed(location, state.query);
  const headers = withHeader(state.headers, { name: 'location', value, important: true });
  return {
    type: 'redirect',
    service,
    status,
    response: { headers, transforms: state.responseEdits },
  };
}

function completed(location: string, query: string | null): string {
  const { path, query: own, fragment } = splitUrl(location);
  return headerSafe(withQuery(path, redirectedQuery(own, query)) + fragment);
}

/**
 * The same path as the address of a redirect that stays on this host: browsers take `//` and `/\` at the start for
 * another host, and skip tabs.
 */
export function onThisHost(path: string): string {
  return path
    .replaceAll('\t', '%09')
    .replace(/^\/[/\\]+/, start => `/${start.replaceAll('/', '').replaceAll('\\', '%5C')}`);
}

/** What a header cannot hold is percent-encoded: no visitor's text ends a line. */
export function headerSafe(value: string): string {
  return /[^\t\x20-\x7e\x80-\xff]/.test(value)
    ? value.replace(/[^\t\x20-\x7e\x80-\xff]+/gu, text =>
        encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
      )
    : value;
}

const READING = new Set(['GET', 'HEAD']);

/** What a found output answers. Files are for reading: any other method is a 405. */
export function answerOf(output: Output, state: State, service: string | null, request: Incoming): Decision {
  const status = state.status === undefined ? {} : { status: state.status };
  const response = responseOf(state);
  if (output.type === 'static') {
    if (!READING.has(request.method)) return notAllowed(state, service);
    const contentType = output.contentType === undefined ? {} : { contentType: output.contentType };
    return {
      type: 'static',
      service,
      file: output.file,
      ...contentType,
      ...status,
      matchedPath: state.path,
      response,
    };
  }
  return {
    type: 'function',
    service,
    name: output.name,
    target: seenTarget(state),
    requestHeaders: headerChanges(state, request.headers),
    ...status,
    matchedPath: state.path,
    matchedQuery: state.query ?? '',
    response,
  };
}

/** A destination outside: its own query, then the request's. */
export function proxyOf(address: string, state: State, service: string | null, request: Incoming): Decision {
  const { status } = state;
  const { path: base, query } = splitUrl(address);
  return {
    type: 'proxy',
    service,
    url: withQuery(base, rewrittenQuery(query, state.query)),
    requestHeaders: headerChanges(state, request.headers),
    ...(status === undefined ? {} : { status }),
    response: responseOf(state),
  };
}

function notAllowed(state: State, service: string | null): Decision {
  const allow: ResponseHeader = { name: 'allow', value: 'GET, HEAD', important: true };
  const headers = withHeader(state.headers, allow);
  return {
    type: 'error',
    service,
    status: 405,
    response: { headers, transforms: state.responseEdits },
  };
}

export function errorOf(
  status: number,
  page: ErrorPage | undefined,
  state: State,
  service: string | null,
): Decision {
  return { type: 'error', service, status, ...(page ? { page } : {}), response: responseOf(state) };
}

/** A refused request: nothing of the deployment answers, so no page of its own either. */
export function mitigatedOf(action: 'deny' | 'challenge', state: State, service: string | null): Decision {
  const header: ResponseHeader = { name: 'x-vercel-mitigated', value: action, important: true };
  const headers = withHeader(state.headers, header);
  return {
    type: 'status',
    service,
    status: 403,
    response: { headers, transforms: state.responseEdits },
  };
}
