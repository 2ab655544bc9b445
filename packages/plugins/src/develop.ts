import type { DevelopmentPlan, DevelopmentRequest } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type AskContext, ask } from './ask.ts';
import type { Described } from './builder.ts';
import { developmentProblems } from './check-development.ts';
import type { ServiceRoot } from './check-plan.ts';
import { explain, fault, malformed, type Occasion } from './explain.ts';
import type { LocatedPlugin } from './locate.ts';
import { checkResult, development } from './schema.ts';
import { sent, withToolName } from './sent.ts';

/**
 * Asks a builder from elsewhere how a service runs from its sources: in a process of its own, as for its plan, and the answer
 * is checked before anything runs.
 *
 * Failures: what the builder says itself, and `builder-failed` for what it did instead.
 */
export async function developBy(
  plugin: LocatedPlugin,
  { name, tools }: Described,
  services: readonly ServiceRoot[],
  context: (service: string) => AskContext,
  toolName: (tool: string) => string,
  request: DevelopmentRequest,
): Promise<Result<DevelopmentPlan>> {
  const service = request.service.name;
  const asking = context(service);
  const occasion: Occasion = {
    ...{ plugin, name, code: 'builder-failed', limit: asking.limit },
    doing: `saying how service "${service}" runs from its sources`,
  };
  const call = { method: 'develop', request: sent(request) } as const;
  const answer = await ask({ plugin, call, service, writable: null }, asking);
  if (answer.kind !== 'answered') return failed(...explain(occasion, answer));
  const checked = checkResult(answer.value, development);
  if ('problem' in checked) return failed(malformed(occasion, 'a plan for development', checked.problem));
  const result = checked.value as Result<DevelopmentPlan>;
  if (!result.ok) return result;
  const problems = developmentProblems(result.value, request, services, Object.keys(tools), plugin.folder);
  if (problems.length > 0) return failed(...problems.map(problem => fault(occasion, problem)));
  const { install, prepare, ...rest } = result.value;
  const named = (steps: DevelopmentPlan['install']) => steps.map(step => withToolName(step, toolName));
  return ok({ ...rest, install: named(install), prepare: named(prepare) });
}
