import type { FinishRequest } from '@svc/builder-kit';
import { mergeRoutes } from '@svc/builder-kit';
import { ok, type Result, type ServiceOutputConfig } from '@svc/contracts';
import { functionRoutes } from './routes.ts';

/** Says how requests reach the function that the build has written. */
export async function finishRust({ service, plan }: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  const name = plan.builderData.isRuntimeCrate === true ? 'index' : 'rust';
  return ok({ version: 3, routes: mergeRoutes(service.routes, functionRoutes(name)) });
}
