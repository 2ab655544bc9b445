import type { FinishRequest } from '@svc/builder-kit';
import { mergeRoutes } from '@svc/builder-kit';
import { ok, type Result, type ServiceOutputConfig } from '@svc/contracts';
import { FUNCTION_ROUTES } from './routes.ts';

/** Says how requests reach the container that the build has written to `functions/container.func`. */
export async function finishContainer(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  return ok({ version: 3, routes: mergeRoutes(request.service.routes, FUNCTION_ROUTES) });
}
