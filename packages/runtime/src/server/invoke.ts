import { never } from '@svc/contracts';
import type { FunctionDecision, HeaderChange } from '@svc/router';
import type { DeployedFunction } from '../deployment/function-config.ts';
import type { Tree } from '../deployment/read.ts';
import type { Instance } from '../functions/host.ts';
import { StartError } from '../functions/processes.ts';
import { wayOf } from '../prerender/way.ts';
import { type ForwardEnd, forward } from '../proxy/forward.ts';
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
  const host = site.host(fn);
  for (let isLast = false; ; isLast = true) {
    let instance: Instance;
    try {
      instance = await host.acquire();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      const problem = `the function ${fn.name} did not start: ${error.message}`;
      return answerWithProblem(site, visit, { status: 502, rules, problem });
    }
    const end = await pass(visit, decision, fn, tree, instance);
    instance.finish(end.type === 'complete' || end.type === 'upgraded');
    // A process ends a moment before that is known here: who comes in that moment is for the next process.
    if (!isLast && end.type === 'failed' && end.isUnsent && (await hasEnded(instance))) continue;
    if (end.type === 'timed-out') host.retire(instance);
    return conclude(site, visit, decision, fn, instance, end);
  }
}

function pass(
  visit: Visit,
  decision: FunctionDecision,
  fn: DeployedFunction,
  tree: Tree,
  instance: Instance,
): Promise<ForwardEnd> {
  const { request, response, origin, upgrade } = visit;
  return forward({
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
  });
}

function requestChanges(decision: FunctionDecision, tree: Tree): readonly HeaderChange[] {
  if (tree.framework !== 'nextjs') return decision.requestHeaders;
  return [...decision.requestHeaders, ...headersForNext(decision)];
}

async function conclude(
  site: Site,
  visit: Visit,
  decision: FunctionDecision,
  fn: DeployedFunction,
  instance: Instance,
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
