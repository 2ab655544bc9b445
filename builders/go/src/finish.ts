import type { FinishRequest } from '@svc/builder-kit';
import { functionRoutes, mergeRoutes } from '@svc/builder-kit';
import { ok, type Result, type ServiceOutputConfig } from '@svc/contracts';

/** Says how requests reach the function that the build has written to `functions/go.func`. */
export async function finishGo(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  return ok({ version: 3, routes: mergeRoutes(request.service.routes, functionRoutes('go')) });
}
