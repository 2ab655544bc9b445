import type { HandleRoute, Route, SourceRoute } from '@svc/contracts';
import {
  createRouter,
  type Decision,
  type OutputListing,
  outputsOf,
  type Router,
  type RouterInput,
} from '@svc/router';

export interface TableDraft {
  readonly routes?: readonly object[];
  readonly files?: readonly string[];
  readonly functions?: readonly string[];
  readonly overrides?: NonNullable<OutputListing['overrides']>;
  readonly wildcard?: readonly { domain: string; value: string }[];
  readonly observes?: 'rewritten' | 'original';
}

/** A router over these tables; rules are written as they stand in a `config.json`. */
export function routerOf(
  front: TableDraft,
  services: Readonly<Record<string, TableDraft>> = {},
  env: Record<string, string> = {},
): Router {
  const entries = Object.entries(services).map(([name, draft]) => [name, tableOf(draft)]);
  const router = createRouter({ public: tableOf(front), services: Object.fromEntries(entries), env });
  if (!router.ok) throw new Error(JSON.stringify(router.failures, null, 2));
  return router.value;
}

export function tableOf(draft: TableDraft): RouterInput['public'] {
  const { routes = [], files = [], functions = [], overrides = {}, wildcard, observes } = draft;
  return {
    routes: routes as readonly Route[],
    outputs: outputsOf({ files, functions, overrides }),
    ...(wildcard ? { wildcard } : {}),
    ...(observes ? { observes } : {}),
  };
}

/** What a builder of functions puts behind the user's rules. */
export const FUNCTION_ROUTES: readonly (HandleRoute | SourceRoute)[] = [
  { handle: 'filesystem' },
  { src: '/(.*)', dest: '/index', transforms: [{ type: 'request.path', op: 'set', args: '/$1' }] },
];

export const FUNCTION: TableDraft = { routes: FUNCTION_ROUTES, functions: ['index'] };

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly host?: string;
}

export function request(target: string, { method = 'GET', headers = {}, host = 'example.com' }: Asked = {}) {
  return { method, target, headers: { host, ...headers }, host };
}

export function ask(router: Router, target: string, asked: Asked = {}): Decision {
  return router.decide(request(target, asked));
}

/** `web sees /a?b=1`, `web serves about.html`, `308 to /b`, `404 from web`: what tests compare most. */
export function brief(decision: Decision): string {
  const who = decision.service ?? 'nobody';
  switch (decision.type) {
    case 'function':
      return `${who} sees ${decision.target}`;
    case 'static':
      return `${who} serves ${decision.file}`;
    case 'redirect':
      return `${decision.status} to ${headerIn(decision, 'location')}`;
    case 'proxy':
      return `${who} asks ${decision.url}`;
    case 'middleware':
      return `${who} runs ${decision.name}`;
    case 'status':
      return `${decision.status}`;
    case 'error':
      return `${decision.status} from ${who}`;
  }
}

export function headerIn(decision: Decision, name: string): string | undefined {
  return decision.response.headers.find(header => header.name === name)?.value;
}

export const toApi = { type: 'service', service: 'api' };

/** A deployment of one function service behind these public rules. */
export function decided(routes: readonly object[], target: string, asked: Asked = {}): Decision {
  return ask(routerOf({ routes }, { api: FUNCTION }), target, asked);
}

/** A deployment whose only service has these rules of its own before the builder's. */
export function inService(
  routes: readonly object[],
  target: string,
  asked: Asked = {},
  files: readonly string[] = [],
): Decision {
  const api = { routes: [...routes, ...FUNCTION_ROUTES], functions: ['index'], files };
  return ask(routerOf({ routes: [{ src: '/(.*)', destination: toApi }] }, { api }), target, asked);
}
