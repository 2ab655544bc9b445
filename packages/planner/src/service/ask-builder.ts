import type { Builder, BuilderPlan, PlanRequest } from '@svc/builder-kit';
import type { Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { isObject } from '../checkout.ts';
import { failure } from './failure.ts';

/**
 * Calls a builder's `plan`. Builders may come from anywhere, so one that throws or returns something else than a plan is
 * a failure of that service and not the end of svc.
 */
export async function askBuilder(
  service: ServiceConfig,
  builder: Builder,
  request: PlanRequest,
): Promise<Result<BuilderPlan>> {
  let answer: Result<BuilderPlan>;
  try {
    answer = await builder.plan(request);
  } catch (error) {
    return broken(service, builder, `failed with: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (isObject(answer) && answer.ok === false && Array.isArray(answer.failures)) {
    return failed(...answer.failures.map(each => ({ ...each, service: service.name })));
  }
  if (!isObject(answer) || !answer.ok || !isPlan(answer.value)) {
    return broken(service, builder, 'did not return a plan');
  }
  const warnings = answer.value.warnings.map(warning => ({ ...warning, service: service.name }));
  return ok({ ...answer.value, warnings });
}

function isPlan(value: unknown): boolean {
  if (!isObject(value)) return false;
  const lists = [value.steps, value.caches, value.warnings];
  const texts = [value.entrypoint, value.outputDirectory];
  return (
    lists.every(list => Array.isArray(list)) &&
    texts.every(text => text === null || typeof text === 'string') &&
    isObject(value.data)
  );
}

function broken(service: ServiceConfig, builder: Builder, problem: string): Result<never> {
  return failed(
    failure(service, 'builder-failed', 'framework', {
      message: `the builder "${builder.name}" could not plan service "${service.name}": it ${problem}`,
      help: `This is a fault of the builder (version ${builder.version}), not of the project.`,
    }),
  );
}
