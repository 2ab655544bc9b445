import type { MiddlewareOutcome, ResponseHeader } from '../decision.ts';
import { rewrittenQuery, splitUrl } from '../query.ts';
import type { Table } from '../table/compile-table.ts';
import type { Phase, Rule } from '../table/rule.ts';
import { type Bindings, fill, type Template } from '../table/template.ts';
import { editFrom, pathFrom } from '../table/transforms.ts';
import { lookupNames } from '../target.ts';
import { headerSafe, onThisHost } from './answers.ts';
import { type State, withCookie, withHeader } from './state.ts';

/** `hit` and `miss` only add headers, unless the rule is important (section 6.2 of the services reference). */
export function withHeaders(state: State, rule: Rule, phase: Phase, bindings: Bindings): State {
  if (rule.headers.length === 0) return state;
  const onlyAdds = (phase === 'hit' || phase === 'miss') && !rule.important;
  let { headers } = state;
  for (const { name, value } of rule.headers) {
    if (onlyAdds && headers.some(header => header.name === name)) continue;
    const text = name === 'location' ? locationFrom(value, bindings) : fill(value, bindings, 'plain');
    const header: ResponseHeader = { name, value: headerSafe(text), important: rule.important };
    headers = withHeader(headers, header);
  }
  return { ...state, headers };
}

/** Only a rule that is written with another host leads there, whatever the request puts into its holes. */
function locationFrom(template: Template, bindings: Bindings): string {
  const text = fill(template, bindings, 'url');
  const [first] = template;
  return typeof first === 'string' && /^(?:\/\/|[^/])/.test(first) ? text : onThisHost(text);
}

/**
 * Request transforms add up; of response transforms, those of the last rule that has any remain. A path transform does
 * nothing on the rule that hands over to a service, nor where it only repeats the path.
 */
export function withTransforms(state: State, rule: Rule, bindings: Bindings, env: Environment): State {
  if (rule.transforms.length === 0) return state;
  const headerEdits = [...state.headerEdits];
  const queryEdits = [...state.queryEdits];
  const responseEdits: (typeof state.responseEdits)[number][] = [];
  let { shownPath } = state;
  const { destination } = rule;
  const showsPath =
    destination?.type !== 'service' && !(destination?.type === 'path' && destination.isCatchAll);
  for (const transform of rule.transforms) {
    const own = { ...bindings, env: env(transform.env) ?? bindings.env };
    if (transform.on === 'path') {
      if (showsPath) shownPath = pathFrom(transform, own) ?? shownPath;
      continue;
    }
    const edit = editFrom(transform, own);
    if (!edit) continue;
    if (transform.on === 'request.headers') headerEdits.push(edit);
    else if (transform.on === 'request.query') queryEdits.push(edit);
    else responseEdits.push(edit);
  }
  return {
    ...state,
    shownPath,
    headerEdits,
    queryEdits,
    responseEdits: responseEdits.length > 0 ? responseEdits : state.responseEdits,
  };
}

/** Values of the listed variables; undefined for an empty list. */
export type Environment = (names: readonly string[]) => Readonly<Record<string, string>> | undefined;

/**
 * The state at another path of the same table. In a service the code sees the new path too, unless the rule only names
 * the function that is to run: `/index`, without a check whether that exists.
 */
export function movedTo(state: State, text: string, rule: Rule, table: Table): State {
  const { path, query } = placeOf(text);
  const moved = {
    ...state,
    path,
    query: rewrittenQuery(query, state.query),
    seenQuery: rewrittenQuery(query, state.seenQuery),
  };
  const { destination } = rule;
  const isCatchAll = destination?.type === 'path' && destination.isCatchAll;
  const staysHidden = !table.observesRewrites || isCatchAll || (!rule.check && namesFunction(path, table));
  return staysHidden ? moved : { ...moved, seenPath: path };
}

function namesFunction(path: string, { outputs }: Table): boolean {
  return lookupNames(path).some(name => {
    const output = outputs.find(name);
    return output?.type === 'function' && output.name === name;
  });
}

/** A destination's path, always with its slash, and its query. */
export function placeOf(text: string): { readonly path: string; readonly query: string | null } {
  const { path, query } = splitUrl(text);
  return { path: path.startsWith('/') ? path : `/${path}`, query };
}

/** What middleware wants of the request and of the response, whoever gives it. */
export function heeding(state: State, outcome: MiddlewareOutcome): State {
  let { headers } = state;
  for (const [name, value] of outcome.responseHeaders ?? []) {
    const key = name.toLowerCase();
    headers =
      key === 'set-cookie'
        ? withCookie(headers, value)
        : withHeader(headers, { name: key, value, important: false });
  }
  const changes = [...new Map([...state.changes, ...(outcome.requestHeaders ?? [])])];
  return { ...state, headers, changes };
}
