import type { Decision, ErrorPage, MiddlewareOutcome } from '../decision.ts';
import { type Incoming, withChanges } from '../incoming.ts';
import type { Output } from '../outputs.ts';
import { rewrittenQuery } from '../query.ts';
import type { Table } from '../table/compile-table.ts';
import type { Phase, Rule } from '../table/rule.ts';
import { type Bindings, fill } from '../table/template.ts';
import { lookupNames, type Target } from '../target.ts';
import type { Step } from '../trace.ts';
import { answerOf, errorOf, headerSafe, mitigatedOf, proxyOf, redirectOf, responseOf } from './answers.ts';
import { headerChanges, seenTarget } from './code-view.ts';
import { localeRedirect } from './locale.ts';
import { effectOf, isMismatch, type Match, matchRule, wordsFor } from './match.ts';
import { type Environment, heeding, movedTo, placeOf, withHeaders, withTransforms } from './rule-effects.ts';
import { type State, startAt, withHeader } from './state.ts';

export interface Itinerary {
  readonly services: ReadonlyMap<string, Table>;
  readonly env: Environment;
  readonly request: Incoming;
  readonly host: string;
  readonly target: Target;
  /** A call over a binding: rules that keep visitors out do not concern it. */
  readonly isPrivate: boolean;
  /** What middleware said so far, in the order in which it was asked. */
  readonly outcomes: readonly MiddlewareOutcome[];
  /** Decides again, with one outcome more. */
  resume(outcome: MiddlewareOutcome): Decision;
  readonly trace: Step[] | undefined;
}

/** A service may hand over to another; more hand-overs than this go in circles. */
const MOST_HANDOVERS = 8;
const CIRCLE = 508;

/** How the rules after a matched one go on. */
type Onward = 'goes-on' | 'ends';

/** One request's way through the tables. */
export class Walk {
  readonly #itinerary: Itinerary;
  #request: Incoming;
  #table: Table;
  #state: State;
  #asked = 0;
  #handovers = 0;

  constructor(itinerary: Itinerary, table: Table) {
    this.#itinerary = itinerary;
    this.#request = itinerary.request;
    this.#table = table;
    this.#state = startAt(itinerary.target.path, itinerary.target.query);
  }

  /** Section 6.2 of the services reference, in its order. */
  decide(): Decision {
    return (
      this.#phase('start') ??
      this.#existing() ??
      this.#phase('filesystem') ??
      this.#existing() ??
      this.#dynamic() ??
      this.#phase('resource') ??
      this.#existing() ??
      this.#phase('miss') ??
      this.#existing() ??
      this.#fail(this.#state.status !== undefined && this.#state.status >= 400 ? this.#state.status : 404)
    );
  }

  #phase(phase: Phase): Decision | undefined {
    const list = this.#table.phases[phase];
    if (list.all.length === 0) return undefined;
    this.#itinerary.trace?.push({ type: 'phase', table: this.#table.service, phase });
    let { path } = this.#state;
    // An explanation tells of every rule, those too that the index would pass over.
    let rules = this.#itinerary.trace ? list.all : list.candidates(path);
    for (let at = 0; at < rules.length; at += 1) {
      const rule = rules[at];
      const match = rule && this.#match(rule, phase);
      if (!match) continue;
      const onward = this.#apply(rule, match, phase);
      if (onward === 'ends') return undefined;
      if (onward !== 'goes-on') return onward;
      if (this.#state.path === path) continue;
      path = this.#state.path;
      rules = (this.#itinerary.trace ? list.all : list.candidates(path)).filter(
        ({ index }) => index > rule.index,
      );
      at = -1;
    }
    return undefined;
  }

  #match(rule: Rule, phase: Phase): Match | undefined {
    const { path, query, status } = this.#state;
    if (rule.has.length > 0 || rule.missing.length > 0) this.#request.useQuery(query);
    const match = matchRule(rule, phase, path, this.#request, status);
    const matched = !isMismatch(match);
    const { trace } = this.#itinerary;
    if (trace) {
      const why = matched ? effectOf(rule) : wordsFor(match, path, this.#request.method);
      const { index, source } = rule;
      trace.push({ type: 'rule', table: this.#table.service, index, source, matched, why });
    }
    return matched ? match : undefined;
  }

  #apply(rule: Rule, match: Match, phase: Phase): Decision | Onward {
    const { service } = this.#table;
    if (rule.mitigate) {
      if (this.#itinerary.isPrivate) return 'goes-on';
      return mitigatedOf(rule.mitigate, this.#state, service);
    }
    const bindings = this.#bindings(rule, match);
    if (rule.override && phase !== 'hit') this.#state = { ...this.#state, headers: [], status: undefined };
    if (rule.locale) this.#chooseLanguage(rule);
    if (rule.middleware !== undefined) {
      const decision = this.#middleware(rule.middleware, rule);
      if (decision) return decision;
    }
    this.#state = withHeaders(this.#state, rule, phase, bindings);
    this.#state = withTransforms(this.#state, rule, bindings, this.#itinerary.env);
    if (phase === 'hit') return rule.continues ? 'goes-on' : 'ends';

    const { destination } = rule;
    if (rule.status !== undefined) this.#state = { ...this.#state, status: rule.status };
    if (destination?.type === 'service') {
      const path = destination.path && fill(destination.path, bindings, 'url');
      return redirectOf(this.#state, service) ?? this.#handOver(destination.service, path);
    }
    if (destination) {
      const decision = this.#moveTo(fill(destination.template, bindings, 'url'), rule);
      if (decision) return decision;
      if (rule.check && phase !== 'error') return this.#check(rule, phase);
    }
    if (rule.continues) return 'goes-on';
    if (rule.status === undefined || destination) return 'ends';
    return redirectOf(this.#state, service) ?? this.#exit(rule.status);
  }

  #bindings(rule: Rule, { groups, captured }: Match): Bindings {
    const { wildcard } = this.#table;
    const value =
      wildcard.size === 0
        ? undefined
        : this.#request.hosts.map(host => wildcard.get(host)).find(each => each !== undefined);
    const env = this.#itinerary.env(rule.env);
    return { groups, pattern: rule.pattern, captured, wildcard: value ?? '', env };
  }

  #chooseLanguage({ locale }: Rule): void {
    const page = locale && localeRedirect(locale, this.#state.path, this.#request);
    if (page === undefined) return;
    const headers = withHeader(this.#state.headers, {
      name: 'location',
      value: headerSafe(page),
      important: false,
    });
    this.#state = { ...this.#state, headers, status: 307 };
  }

  /** Asks the middleware, or heeds what it said when this request came by before. */
  #middleware(name: string, rule: Rule): Decision | undefined {
    const outcome = this.#itinerary.outcomes[this.#asked];
    this.#asked += 1;
    if (!outcome) {
      return {
        type: 'middleware',
        service: this.#table.service,
        name,
        target: seenTarget(this.#state),
        requestHeaders: headerChanges(this.#state, this.#request.headers),
        response: responseOf(this.#state),
        resume: this.#itinerary.resume,
      };
    }
    const { requestHeaders = [], rewrite } = outcome;
    this.#state = heeding(this.#state, outcome);
    if (requestHeaders.length > 0) {
      this.#request = withChanges(this.#request, requestHeaders, this.#itinerary.host);
    }
    return rewrite === undefined ? undefined : this.#moveTo(rewrite, rule);
  }

  /** Goes to another path; a whole URL is asked elsewhere. */
  #moveTo(text: string, rule: Rule): Decision | undefined {
    if (/^https?:\/\//i.test(text)) {
      return proxyOf(text, this.#state, this.#table.service, this.#request);
    }
    const before = this.#state;
    this.#state = movedTo(before, text, rule, this.#table);
    if (this.#state.path !== before.path) {
      const why = `rule ${rule.index} rewrites`;
      this.#itinerary.trace?.push({ type: 'path', from: before.path, to: this.#state.path, why });
    }
    return undefined;
  }

  /** Section 6.3 of the services reference: final, and the code sees what the visitor asked for. */
  #handOver(name: string, lookup: string | undefined): Decision {
    const table = this.#itinerary.services.get(name);
    this.#handovers += 1;
    if (!table) return errorOf(404, undefined, this.#state, null);
    if (this.#handovers > MOST_HANDOVERS) return errorOf(CIRCLE, undefined, this.#state, name);
    const { path, query } = lookup === undefined ? { path: this.#state.path, query: null } : placeOf(lookup);
    if (this.#table.service === null) {
      const { target } = this.#itinerary;
      this.#state = {
        ...this.#state,
        seenPath: target.path,
        seenQuery: target.query,
        shownPath: undefined,
      };
    }
    this.#state = { ...this.#state, path, query: rewrittenQuery(query, this.#state.query) };
    this.#table = table;
    this.#itinerary.trace?.push({ type: 'service', service: name, lookup: path });
    return this.decide();
  }

  /** After a rule with `check`: does it lead to something, by itself or by the dynamic routes? */
  #check(rule: Rule, phase: Phase): Decision | Onward {
    const isNested = phase === 'rewrite' || phase === 'miss';
    const found = isNested
      ? (redirectOf(this.#state, this.#table.service) ?? this.#found(phase))
      : (this.#existing() ?? this.#dynamic());
    if (found) return found;
    return rule.status !== undefined && rule.status >= 400 ? this.#exit(rule.status) : 'goes-on';
  }

  #existing(): Decision | undefined {
    return redirectOf(this.#state, this.#table.service) ?? this.#found('start') ?? this.#earlyMiss();
  }

  #found(phase: Phase): Decision | undefined {
    const output = this.#lookup(this.#state.path);
    if (!output) return undefined;
    // The status of a miss is for what is missing.
    if (phase === 'miss') this.#state = { ...this.#state, status: undefined };
    this.#phase('hit');
    return answerOf(output, this.#state, this.#table.service, this.#request);
  }

  /**
   * Tables with dynamic routes (Next.js) count on `miss` rules that check being tried before those: `/en/logo.svg` is a
   * file of all languages, not the page `[slug]`. A try that finds nothing leaves nothing behind.
   */
  #earlyMiss(): Decision | undefined {
    const { rewrite, miss } = this.#table.phases;
    if (rewrite.all.length === 0) return undefined;
    const before = this.#state;
    for (const rule of miss.candidates(before.path)) {
      if (!rule.check || rule.destination?.type !== 'path') continue;
      const match = this.#match(rule, 'miss');
      const onward = match && this.#apply(rule, match, 'miss');
      if (onward !== undefined && onward !== 'ends' && onward !== 'goes-on') return onward;
      this.#state = before;
    }
    return undefined;
  }

  #dynamic(): Decision | undefined {
    if (this.#table.phases.rewrite.all.length === 0) return undefined;
    const before = this.#state;
    const decision =
      this.#phase('rewrite') ?? redirectOf(this.#state, this.#table.service) ?? this.#found('rewrite');
    if (!decision) this.#state = before;
    return decision;
  }

  #lookup(path: string): Output | undefined {
    const { outputs, middleware, service } = this.#table;
    let found: Output | undefined;
    for (const name of lookupNames(path)) {
      const output = outputs.find(name);
      // Middleware runs before answers; it is none.
      if (output && !(output.type === 'function' && middleware.has(output.name))) found ??= output;
    }
    const label = found?.type === 'static' ? `static/${found.file}` : found && `functions/${found.name}`;
    this.#itinerary.trace?.push({ type: 'lookup', table: service, path, found: label ?? null });
    return found;
  }

  /** A rule's status ends the matter. */
  #exit(status: number): Decision {
    if (status >= 400) return this.#fail(status);
    return { type: 'status', service: this.#table.service, status, response: responseOf(this.#state) };
  }

  #fail(status: number): Decision {
    this.#state = { ...this.#state, status };
    const page = this.errorPage(status);
    return errorOf(status, page, this.#state, this.#table.service);
  }

  /** The `error` phase, then the pages by which frameworks and plain sites name theirs. */
  errorPage(status: number): ErrorPage | undefined {
    this.#state = { ...this.#state, status };
    const entered = this.#state;
    const list = this.#table.phases.error;
    if (list.all.length > 0) {
      this.#itinerary.trace?.push({ type: 'phase', table: this.#table.service, phase: 'error' });
    }
    for (const rule of list.all) {
      const match = this.#match(rule, 'error');
      if (!match) continue;
      const bindings = this.#bindings(rule, match);
      this.#state = withHeaders(this.#state, rule, 'error', bindings);
      if (rule.destination?.type !== 'path') continue;
      const { path } = placeOf(fill(rule.destination.template, bindings, 'url'));
      const page = this.#page(path, entered);
      if (page) return page;
    }
    const names = status === 404 ? ['/404', '/404.html'] : status >= 500 ? ['/500', '/500.html'] : [];
    for (const name of names) {
      const page = this.#page(name, entered);
      if (page) return page;
    }
    return undefined;
  }

  #page(path: string, entered: State): ErrorPage | undefined {
    const output = this.#lookup(path);
    if (output?.type !== 'function') return output;
    return { type: 'function', name: output.name, target: seenTarget(entered), matchedPath: path };
  }
}
