import { fileURLToPath } from 'node:url';
import type { Result, ServiceOutputConfig } from '@svc/contracts';
import { ok } from '@svc/contracts';
import type { Builder, BuilderPlan, FinishRequest, PlanRequest } from './builder.ts';
import type { DevelopmentPlan, DevelopmentRequest } from './development.ts';

/** What a builder's plan may leave out: see `defineBuilder`. */
export type PlanDraft = Pick<BuilderPlan, 'steps'> & Partial<BuilderPlan>;

/** What a plan for development may leave out: see `defineBuilder`. */
export type DevelopmentDraft = Pick<DevelopmentPlan, 'serve'> & Partial<DevelopmentPlan>;

/** A builder as its author writes it. */
export interface BuilderDefinition extends Pick<Builder, 'name' | 'version' | 'detects'> {
  /** Runtimes of `vercel.json` that it builds; none for a language that has no name there. */
  readonly runtimes?: readonly string[];
  /** Programs that steps of type `tool` name: `{ compile: new URL('./compile.mjs', import.meta.url) }`. */
  readonly tools?: Readonly<Record<string, string | URL>>;
  plan(request: PlanRequest): Promise<Result<PlanDraft>> | Result<PlanDraft>;
  finish(request: FinishRequest): Promise<Result<ServiceOutputConfig>> | Result<ServiceOutputConfig>;
  /** How a service runs from its sources (`svc dev`). Without it, its users write a `devCommand`. */
  develop?(request: DevelopmentRequest): Promise<Result<DevelopmentDraft>> | Result<DevelopmentDraft>;
}

/**
 * Makes a builder of its definition: fills in what most builders leave out, and turns addresses of tools into paths.
 * The result is what a builder's module exports as `default`.
 *
 * A plan without `entrypoint` keeps the one that svc has found; without `outputDirectory`, `caches`, `data` or `warnings` it
 * has none. A plan for development without `install` or `prepare` has no such steps, and without `reload` every change starts
 * the service again.
 */
export function defineBuilder<Definition extends BuilderDefinition>(
  definition: Definition,
): Omit<Definition, keyof BuilderDefinition> & Builder {
  const tools = Object.entries(definition.tools ?? {}).map(
    ([name, at]) => [name, at instanceof URL ? fileURLToPath(at) : at] as const,
  );
  return {
    ...definition,
    runtimes: definition.runtimes ?? [],
    tools: Object.fromEntries(tools),
    async plan(request) {
      const plan = await definition.plan(request);
      if (!plan?.ok) return plan;
      const { entrypoint } = request;
      const usual = { entrypoint, outputDirectory: null, caches: [], data: {}, warnings: [] };
      return ok({ ...usual, ...plan.value });
    },
    async finish(request) {
      return definition.finish(request);
    },
    ...(definition.develop && {
      async develop(request) {
        const plan = await definition.develop?.(request);
        // What is no result at all is told by whoever checks it.
        if (!plan?.ok) return plan as Result<DevelopmentPlan>;
        return ok({ install: [], prepare: [], reload: 'restart', ...plan.value });
      },
    }),
  };
}
