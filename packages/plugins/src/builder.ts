import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { Builder, BuilderPlan, FinishRequest, PlanRequest } from '@svc/builder-kit';
import type { Failure, Result, ServiceOutputConfig, WorkingView } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { type AskContext, ask } from './ask.ts';
import { planProblems, type ServiceRoot } from './check-plan.ts';
import { developBy } from './develop.ts';
import { explain, fault, malformed, type Occasion } from './explain.ts';
import type { LocatedPlugin } from './locate.ts';
import type { ViewAnswer, ViewQuestion } from './protocol.ts';
import { checkResult, outputConfig, plan as planSchema } from './schema.ts';
import { sent, withToolName } from './sent.ts';

/** What a builder has said of itself, checked. */
export interface Described {
  readonly name: string;
  readonly version: string;
  readonly runtimes: readonly string[];
  readonly detects: readonly string[];
  /** By the builder's own names -> absolute paths. */
  readonly tools: Readonly<Record<string, string>>;
  /** Whether it says how its services run from their sources. */
  readonly develops: boolean;
}

/** A builder whose code runs elsewhere: each call is a process of its own, and each answer is checked. */
export function pluginBuilder(
  plugin: LocatedPlugin,
  described: Described,
  services: readonly ServiceRoot[],
  context: (service: string) => AskContext,
): Builder {
  const { name, version, runtimes, detects } = described;
  // Tools of all builders share one list of names.
  const toolName = (tool: string) => `${name}/${tool}`;
  const tools = Object.entries(described.tools).map(([tool, file]) => [toolName(tool), file] as const);
  return {
    name,
    version,
    runtimes,
    detects,
    tools: Object.fromEntries(tools),

    async plan(request: PlanRequest): Promise<Result<BuilderPlan>> {
      const asking = context(request.service.name);
      const occasion: Occasion = {
        ...{ plugin, name, code: 'builder-failed', limit: asking.limit },
        doing: `planning service "${request.service.name}"`,
      };
      const call = { method: 'plan', request: sent(request) } as const;
      const answer = await ask({ plugin, call, service: request.service.name, writable: null }, asking);
      if (answer.kind !== 'answered') return failed(...explain(occasion, answer));
      const checked = checkResult(answer.value, planSchema);
      if ('problem' in checked) return failed(malformed(occasion, 'a plan', checked.problem));
      const result = checked.value as Result<BuilderPlan>;
      if (!result.ok) return result;
      const problems = planProblems(result.value, request, services, Object.keys(described.tools));
      if (problems.length > 0) return failed(...problems.map(problem => fault(occasion, problem)));
      return ok({ ...result.value, steps: result.value.steps.map(step => withToolName(step, toolName)) });
    },

    ...(described.develops && {
      develop: request => developBy(plugin, described, services, context, toolName, request),
    }),

    async finish(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
      const { view, ...rest } = request;
      const service = request.service.name;
      const asking = context(service);
      const occasion: Occasion = {
        ...{ plugin, name, code: 'finish-failed', limit: asking.limit },
        doing: `finishing service "${service}"`,
      };
      const outside: Failure[] = [];
      const refuse = (problem: string) => {
        outside.push(fault(occasion, problem));
        return new Error(problem);
      };
      const answer = await ask(
        {
          plugin,
          call: { method: 'finish', request: rest },
          service,
          writable: realpathSync(request.output),
          view: question => askView(view, question, request.output, refuse),
        },
        asking,
      );
      if (outside.length > 0) return failed(...outside);
      if (answer.kind !== 'answered') return failed(...explain(occasion, answer));
      const checked = checkResult(answer.value, outputConfig);
      if ('problem' in checked)
        return failed(malformed(occasion, "a service's config.json", checked.problem));
      return checked.value as Result<ServiceOutputConfig>;
    },
  };
}

/** Answers for the working view what a builder may know; copies nowhere but into the output. */
async function askView(
  view: WorkingView,
  question: ViewQuestion,
  output: string,
  refuse: (problem: string) => Error,
): Promise<ViewAnswer> {
  if (question.method !== 'copy') return view[question.method](question.path);
  const { path, to, kept } = question;
  const target = resolve(to);
  if (target !== output && !target.startsWith(output + sep)) {
    throw refuse(`tried to copy ${path} to ${to}, which is not in its output`);
  }
  const chosen = kept && new Set(kept);
  return view.copy(path, target, chosen && (each => chosen.has(each)));
}
