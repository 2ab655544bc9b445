import { type Failure, failed, ok, type Result, type Route } from '@svc/contracts';
import type { Decision, ErrorPage, MiddlewareOutcome, ResponseRules, RouterRequest } from './decision.ts';
import { headerSafe, onThisHost } from './evaluate/answers.ts';
import type { Environment } from './evaluate/rule-effects.ts';
import { Walk } from './evaluate/walk.ts';
import { Incoming } from './incoming.ts';
import type { Outputs } from './outputs.ts';
import { TooManySteps } from './pattern/bounded-match.ts';
import { withQuery } from './query.ts';
import { compileTable, type Table } from './table/compile-table.ts';
import { collapseSlashes, readTarget, type Target } from './target.ts';
import type { Explanation, Step } from './trace.ts';

export interface RouterInput {
  /** The top-level `config.json`. In an ordinary Build Output, which has no services, it is all there is. */
  readonly public: RoutingTable;
  /** By name. */
  readonly services: Readonly<Record<string, RoutingTable>>;
  /** Values for the variables that routes and transforms list in `env`. No other variable is ever read. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface RoutingTable {
  readonly routes: readonly Route[];
  readonly outputs: Outputs;
  /** `wildcard` of the same `config.json`: the value of `$wildcard` by the request's host. */
  readonly wildcard?: readonly { readonly domain: string; readonly value: string }[];
  /**
   * Which path the code sees after a string rewrite of this table: by default the `rewritten` one in services (section
   * 6.3 of the services reference) and the `original` one in the public table. Code that is told of its route by other
   * means wants the original in a service too (Next.js, by `x-matched-path`).
   */
  readonly observes?: 'rewritten' | 'original';
}

export interface Router {
  /** What happens to a request from outside. Never throws, whatever the request holds. */
  decide(request: RouterRequest): Decision;
  /** A call over a binding: straight into a service's own table. The public one, firewall rules included, is skipped. */
  decideWithin(service: string, request: RouterRequest): Decision;
  /** The same decision as `decide`, and how it came about. */
  explain(request: RouterRequest): Explanation;
  /** The page for an error that happened while answering (500, 502, 504): the `error` phase, then `500.html`. */
  errorPage(service: string | null, status: number): ErrorPage | undefined;
}

/**
 * Compiles the tables of a deployment, once.
 *
 * Fails with `deployment-invalid` for each rule whose expression is no expression, or cannot be matched in bounded time.
 */
export function createRouter(input: RouterInput): Result<Router> {
  const failures: Failure[] = [];
  const front = compileTable(null, input.public, failures);
  const services = new Map(
    Object.entries(input.services).map(([name, table]) => [name, compileTable(name, table, failures)]),
  );
  if (failures.length > 0) return failed(...failures);
  return ok(new CompiledRouter(front, services, input.env ?? {}));
}

const NO_RULES: ResponseRules = { headers: [], transforms: [] };
const BAD_REQUEST = 400;
const NOT_FOUND = 404;
const PERMANENT_REDIRECT = 308;

class CompiledRouter implements Router {
  readonly #front: Table;
  readonly #services: ReadonlyMap<string, Table>;
  readonly #env: Environment;

  constructor(
    front: Table,
    services: ReadonlyMap<string, Table>,
    values: Readonly<Record<string, string | undefined>>,
  ) {
    this.#front = front;
    this.#services = services;
    this.#env = names => {
      if (names.length === 0) return undefined;
      const listed = names.flatMap(name => {
        const value = Object.hasOwn(values, name) ? values[name] : undefined;
        return value === undefined ? [] : [[name, value] as const];
      });
      return Object.fromEntries(listed);
    };
  }

  decide(request: RouterRequest): Decision {
    return this.#enter(request, undefined);
  }

  explain(request: RouterRequest): Explanation {
    const steps: Step[] = [];
    return { decision: this.#enter(request, steps), steps };
  }

  decideWithin(service: string, request: RouterRequest): Decision {
    const table = this.#services.get(service);
    const target = readTarget(request.target);
    if (!table) return refused(service, NOT_FOUND);
    if (!target) return refused(service, BAD_REQUEST);
    return this.#answer({ table, request, target, isPrivate: true, outcomes: [] });
  }

  errorPage(service: string | null, status: number): ErrorPage | undefined {
    const table = service === null ? this.#front : this.#services.get(service);
    if (!table) return undefined;
    const target = { path: '/', query: null };
    const request = { method: 'GET', target: '/', headers: {}, host: '' };
    return this.#walk({ table, request, target, isPrivate: true, outcomes: [] }).errorPage(status);
  }

  /** What is done before any table is asked: a path is made of single slashes. */
  #enter(request: RouterRequest, trace: Step[] | undefined): Decision {
    const target = readTarget(request.target);
    if (!target) return refused(null, BAD_REQUEST);
    const path = collapseSlashes(target.path);
    const isClean = path === target.path;
    if (!isClean) {
      trace?.push({ type: 'path', from: target.path, to: path, why: 'repeated slashes become one' });
      if (request.method === 'GET' || request.method === 'HEAD') return cleaned(path, target);
    }
    return this.#answer({
      table: this.#front,
      request,
      target: isClean ? target : { ...target, path },
      isPrivate: false,
      outcomes: [],
      ...(trace ? { trace } : {}),
    });
  }

  #answer(entry: Entry): Decision {
    try {
      return this.#walk(entry).decide();
    } catch (error) {
      // Only a request made for that purpose takes so long to match.
      if (error instanceof TooManySteps) return refused(entry.table.service, BAD_REQUEST);
      throw error;
    }
  }

  #walk(entry: Entry): Walk {
    const { table, request, target, isPrivate, outcomes, trace } = entry;
    const itinerary = {
      services: this.#services,
      env: this.#env,
      request: new Incoming(request.method, request.headers, request.host, target.query),
      host: request.host,
      target,
      isPrivate,
      outcomes,
      resume: (outcome: MiddlewareOutcome) =>
        this.#answer({ table, request, target, isPrivate, outcomes: [...outcomes, outcome] }),
      trace,
    };
    return new Walk(itinerary, table);
  }
}

interface Entry {
  readonly table: Table;
  readonly request: RouterRequest;
  readonly target: Target;
  readonly isPrivate: boolean;
  readonly outcomes: readonly MiddlewareOutcome[];
  readonly trace?: Step[];
}

function refused(service: string | null, status: number): Decision {
  return { type: 'error', service, status, response: NO_RULES };
}

function cleaned(path: string, { query }: Target): Decision {
  const location = {
    name: 'location',
    value: headerSafe(withQuery(onThisHost(path), query)),
    important: true,
  };
  return {
    type: 'redirect',
    service: null,
    status: PERMANENT_REDIRECT,
    response: { headers: [location], transforms: [] },
  };
}
