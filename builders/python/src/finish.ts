import type { FinishRequest } from '@svc/builder-kit';
import { finishFunction } from '@svc/builder-kit';
import type { Result, ServiceOutputConfig } from '@svc/contracts';

/** Says how requests reach the function that the bundling step has written. */
export function finishPython(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  return finishFunction(request, String(request.plan.builderData.function));
}
