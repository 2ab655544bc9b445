import { never } from '@svc/contracts';
import type { FunctionDecision, HeaderChange, ResponseRules } from '@svc/router';
import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Tree } from '../deployment/read.ts';
import type { Instance } from '../functions/host.ts';
import { StartError } from '../functions/processes.ts';
import { wayOf } from '../prerender/way.ts';
import { type BegunExchange, type ForwardEnd, type Forwarding, forward } from '../proxy/forward.ts';
import { answerWithProblem } from './answer.ts';
import { causeOf, durationLimit, hasEnded } from './function-problem.ts';
import { headersForNext } from './headers-for-next.ts';
import { servePrerendered } from './prerendered.ts';
import type { Site } from './site.ts';
import { switchProtocol } from './switch-protocol.ts';
import type { Visit } from './visit.ts';

/** Lets a function answer, or what was kept of its answer when it was built. */
export async function invoke(site: Site, visit: Visit, decision: FunctionDecision): Promise<void> {
  const tree = site.tree(decision.service);
  const prerender = tree.outputs.prerenders.get(decision.name);
  const { request, origin, upgrade } = visit;
  if (prerender) {
    const { method = 'GET', headers } = request;
    const query = decision.matchedQuery;
    const way = upgrade ? 'bypass' : wayOf(prerender, { method, headers, host: origin.host, query });
    if (way !== 'bypass') return servePrerendered(site, visit, prerender, decision, way);
    return invokeFunction(site, visit, passingBy(decision));
  }
  return invokeFunction(site, visit, decision);
}

/** Says that this answer is not the one that others get. */
function passingBy(decision: FunctionDecision): FunctionDecision {
  const header = { name: 'x-vercel-cache', value: 'BYPASS', important: true };
  return {
    ...decision,
    response: { ...decision.response, headers: [...decision.response.headers, header] },
  };
}

async function invokeFunction(site: Site, visit: Visit, decision: FunctionDecision): Promise<void> {
  const tree = site.tree(decision.service);
  const fn = tree.outputs.functions.get(decision.name);
  const { response: rules } = decision;
  if (!fn) {
    const problem = `the deployment has no function ${decision.name}, only what was kept of it`;
    return answerWithProblem(site, visit, { status: 501, rules, problem });
  }
  if (fn.runtime.type === 'unsupported') {
    return answerWithProblem(site, visit, { status: 501, rules, problem: fn.runtime.reason });
  }
  visit.invoked = true;
  const instance = await acquire(site, visit, fn, rules);
  if (instance) await passOn(site, visit, { decision, fn, tree, instance });
}

/** A process for the request; null when there is none to be had, which the client was told. */
async function acquire(
  site: Site,
  visit: Visit,
  fn: DeployedFunction,
  rules: ResponseRules,
): Promise<Instance | null> {
  try {
    return await site.host(fn).acquire();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const problem = `the function ${fn.name} did not start: ${error.message}`;
    await answerWithProblem(site, visit, { status: 502, rules, problem });
    return null;
  }
}

/** A function that answers a request, and the process of it that was acquired for that. */
export interface Invocation {
  readonly decision: FunctionDecision;
  readonly fn: DeployedFunction;
  readonly tree: Tree;
  readonly instance: Instance;
}

/**
 * Lets a process answer. One that has ended a moment ago, before that was known here, leaves the request to the next.
 *
 * @param begun the request was passed to it already.
 */
export async function passOn(
  site: Site,
  visit: Visit,
  invocation: Invocation,
  begun?: BegunExchange,
): Promise<void> {
  const first = await passOnce(site, visit, invocation, begun);
  if (first.type !== 'failed' || !first.isUnsent || !(await hasEnded(invocation.instance))) {
    return conclude(site, visit, invocation, first);
  }
  const instance = await acquire(site, visit, invocation.fn, invocation.decision.response);
  if (!instance) return;
  const next = { ...invocation, instance };
  await conclude(site, visit, next, await passOnce(site, visit, next));
}

async function passOnce(
  site: Site,
  visit: Visit,
  invocation: Invocation,
  begun?: BegunExchange,
): Promise<ForwardEnd> {
  const { fn, instance } = invocation;
  const end = await forward(forwardingOf(visit, invocation), begun);
  instance.finish(end.type === 'complete' || end.type === 'upgraded');
  if (end.type === 'timed-out') site.host(fn).retire(instance);
  return end;
}

function forwardingOf(visit: Visit, { decision, fn, tree, instance }: Invocation): Forwarding {
  const { request, response, origin, upgrade } = visit;
  return {
    request,
    response,
    pool: instance.pool,
    origin,
    target: decision.target,
    requestHeaders: requestChanges(decision, tree),
    rules: decision.response,
    status: decision.status,
    timeout: fn.maxDuration,
    firstByteTimeout: fn.firstByteTimeout,
    tally: visit,
    ...(upgrade && {
      onUpgrade: (head, code, rest) => switchProtocol(visit, decision.response, head, code, rest),
    }),
  };
}

export function requestChanges(decision: FunctionDecision, tree: Tree): readonly HeaderChange[] {
  if (tree.framework !== 'nextjs') return decision.requestHeaders;
  return [...decision.requestHeaders, ...headersForNext(decision)];
}

async function conclude(
  site: Site,
  visit: Visit,
  { decision, fn, instance }: Invocation,
  end: ForwardEnd,
): Promise<void> {
  const { response: rules } = decision;
  switch (end.type) {
    case 'complete':
    case 'upgraded':
    case 'client-left':
      return;
    case 'timed-out': {
      const problem = `the function ${fn.name} took longer than ${durationLimit(fn)}`;
      return breakOff(site, visit, end.isAnswered, { status: 504, rules, problem });
    }
    case 'failed': {
      const cause = await causeOf(instance, end.error);
      return breakOff(site, visit, end.isAnswered, {
        status: 502,
        rules,
        problem: `the function ${fn.name} failed: ${cause}`,
      });
    }
    default:
      return never(end);
  }
}

/** An answer that has begun cannot become an error page: the client is to see that it is not complete. */
async function breakOff(
  site: Site,
  visit: Visit,
  isAnswered: boolean,
  problem: Parameters<typeof answerWithProblem>[2],
): Promise<void> {
  if (!isAnswered) return answerWithProblem(site, visit, problem);
  const { request, target, service, origin } = visit;
  const message = `the answer to ${request.method} ${target} broke off: ${problem.problem} (${origin.id})`;
  site.emit({ type: 'problem', service, message });
  visit.response.destroy();
}
