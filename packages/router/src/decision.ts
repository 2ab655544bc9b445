/** A request as it arrived. Nothing in it is trusted. */
export interface RouterRequest {
  /** As on the request line, upper case. A WebSocket upgrade is a `GET`. */
  readonly method: string;
  /** Path and query exactly as on the request line: `/a%20b?x=1`. */
  readonly target: string;
  /** Lower-case names; a list where a header came more than once. Node's `IncomingMessage.headers` fits. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What was asked for: `example.com` or `localhost:3000`. */
  readonly host: string;
}

/**
 * What is to be done with a request. `service` is who answers: the name of a service, or null for the deployment itself
 * (its public table, or all of an ordinary Build Output, which has no services).
 */
export type Decision =
  | TableDecision
  | StaticDecision
  | FunctionDecision
  | ProxyDecision
  | MiddlewareDecision
  | ErrorDecision;

/** The table itself answers, with an empty or a generic body: a redirect (`location` is among the headers) or a status. */
export interface TableDecision {
  readonly type: 'redirect' | 'status';
  readonly service: string | null;
  readonly status: number;
  readonly response: ResponseRules;
}

/** A file of the service's `static/`. The method is GET or HEAD: others were refused. */
export interface StaticDecision {
  readonly type: 'static';
  readonly service: string | null;
  /** Path below `static/`, POSIX, as it was listed. */
  readonly file: string;
  /** From an override; else the file's name tells. */
  readonly contentType?: string;
  /** Another status than 200, from the table. */
  readonly status?: number;
  /** The path that the lookup ended with, such as `/docs/guide`. */
  readonly matchedPath: string;
  readonly response: ResponseRules;
}

/** Code answers. */
export interface FunctionDecision {
  readonly type: 'function';
  readonly service: string | null;
  /** Path below `functions/` without `.func`, as it was listed: `index`, `blog/[slug]`. Prerenders are functions too. */
  readonly name: string;
  /** Path and query that the code sees as its `req.url`. */
  readonly target: string;
  readonly requestHeaders: readonly HeaderChange[];
  /** Replaces the status that the code answers with. */
  readonly status?: number;
  /** The path that the lookup ended with: `/blog/[slug]` (Next.js wants it as `x-matched-path`). */
  readonly matchedPath: string;
  /** The lookup's query without `?`: the request's and what destinations added. For `allowQuery` of prerenders. */
  readonly matchedQuery: string;
  readonly response: ResponseRules;
}

/** A destination outside the deployment. */
export interface ProxyDecision {
  readonly type: 'proxy';
  readonly service: string | null;
  /** Absolute; the request's query is part of it. */
  readonly url: string;
  readonly requestHeaders: readonly HeaderChange[];
  readonly status?: number;
  readonly response: ResponseRules;
}

/**
 * Middleware comes first: run it, then hand its verdict to `resume` for the next decision. If it answered the request
 * by itself, there is no next decision.
 */
export interface MiddlewareDecision {
  readonly type: 'middleware';
  readonly service: string | null;
  /** Path below `functions/` without `.func`. */
  readonly name: string;
  readonly target: string;
  readonly requestHeaders: readonly HeaderChange[];
  readonly response: ResponseRules;
  resume(outcome: MiddlewareOutcome): Decision;
}

/** What middleware said instead of answering (`x-middleware-next`, `x-middleware-rewrite`, …). */
export interface MiddlewareOutcome {
  /** A path with query, or an absolute URL. */
  readonly rewrite?: string;
  /** Changes to the request that the code behind shall see. */
  readonly requestHeaders?: readonly HeaderChange[];
  /** Headers for the response, whoever gives it. */
  readonly responseHeaders?: readonly (readonly [name: string, value: string])[];
}

/** Nothing answers this request: 400, 404, 405, or an error status that the table set. */
export interface ErrorDecision {
  readonly type: 'error';
  readonly service: string | null;
  readonly status: number;
  /** The service's own page for this status; without one, a plain built-in text. */
  readonly page?: ErrorPage;
  readonly response: ResponseRules;
}

/** Served with the error's status. Of a function, `target` is what the code sees, `matchedPath` where it was found. */
export type ErrorPage =
  | { readonly type: 'static'; readonly file: string; readonly contentType?: string }
  | {
      readonly type: 'function';
      readonly name: string;
      readonly target: string;
      readonly matchedPath: string;
    };

/** Lower-case name and its new value; null removes the header. Later entries never repeat a name. */
export type HeaderChange = readonly [name: string, value: string | null];

/** What the tables do to the response. `finishHeaders` applies it. */
export interface ResponseRules {
  /** Each lower-case name once, but for `set-cookie`, which middleware may send several of. */
  readonly headers: readonly ResponseHeader[];
  readonly transforms: readonly HeaderTransform[];
}

export interface ResponseHeader {
  readonly name: string;
  readonly value: string;
  /** Also replaces what the code itself set. Otherwise a header of the code is kept. */
  readonly important: boolean;
}

/** A `response.headers` transform with its arguments already filled in. */
export interface HeaderTransform {
  readonly op: 'set' | 'append' | 'delete';
  /** Whether a lower-case header name is meant. */
  matches(name: string): boolean;
  /** The name to create when there is no such header; absent when the target is a condition. */
  readonly name?: string;
  readonly values: readonly string[];
}
