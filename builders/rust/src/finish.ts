import type { FinishRequest } from '@svc/builder-kit';
import { finishFunction } from '@svc/builder-kit';
import type { Result, ServiceOutputConfig } from '@svc/contracts';
import { functionName } from './input.ts';

/** Says how requests reach the function that the build has written. */
export function finishRust(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  return finishFunction(request, functionName(request.plan.builderData.isRuntimeCrate === true));
}
