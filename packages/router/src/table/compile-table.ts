import { type Failure, isHandle } from '@svc/contracts';
import type { Outputs } from '../outputs.ts';
import type { RoutingTable } from '../router.ts';
import { compileRule } from './compile-rule.ts';
import type { Phase, Rule } from './rule.ts';
import { RuleList } from './rule-list.ts';

export interface Table {
  /** The service that it belongs to; null for the public one. */
  readonly service: string | null;
  readonly phases: Readonly<Record<Phase, RuleList>>;
  readonly outputs: Outputs;
  readonly middleware: ReadonlySet<string>;
  readonly wildcard: ReadonlyMap<string, string>;
  readonly observesRewrites: boolean;
}

const HANDLES: ReadonlySet<string> = new Set(['filesystem', 'rewrite', 'resource', 'miss', 'hit', 'error']);

/** Compiles a table; each rule that cannot be used becomes a failure. */
export function compileTable(service: string | null, table: RoutingTable, failures: Failure[]): Table {
  const rules: Record<Phase, Rule[]> = {
    start: [],
    filesystem: [],
    rewrite: [],
    resource: [],
    miss: [],
    hit: [],
    error: [],
  };
  let phase: Phase = 'start';
  table.routes.forEach((route, index) => {
    if (isHandle(route)) {
      const { handle } = route;
      if (HANDLES.has(handle)) phase = handle;
      else failures.push(unusable(service, index, handle, 'is a marker of no phase'));
      return;
    }
    const report = (problem: string): undefined => {
      failures.push(unusable(service, index, String(route.src ?? route.source ?? ''), problem));
    };
    const rule = compileRule(route, index, report);
    if (rule) rules[phase].push(rule);
  });
  const all = Object.values(rules).flat();
  return {
    service,
    phases: {
      start: new RuleList(rules.start),
      filesystem: new RuleList(rules.filesystem),
      rewrite: new RuleList(rules.rewrite),
      resource: new RuleList(rules.resource),
      miss: new RuleList(rules.miss),
      hit: new RuleList(rules.hit),
      error: new RuleList(rules.error),
    },
    outputs: table.outputs,
    middleware: new Set(all.flatMap(rule => rule.middleware ?? [])),
    wildcard: new Map((table.wildcard ?? []).map(({ domain, value }) => [domain.toLowerCase(), value])),
    observesRewrites: (table.observes ?? (service === null ? 'original' : 'rewritten')) === 'rewritten',
  };
}

function unusable(service: string | null, index: number, source: string, problem: string): Failure {
  const table = service === null ? 'the public routing table' : `the routing table of "${service}"`;
  return {
    code: 'deployment-invalid',
    ...(service === null ? {} : { service }),
    message: `rule ${index} of ${table}, "${source}", ${problem}`,
    help: 'Change this rule in the configuration that the deployment was built from, and build again.',
  };
}
