import type { FinishRequest } from '@svc/builder-kit';
import { finishFunction } from '@svc/builder-kit';
import type { Result, ServiceOutputConfig } from '@svc/contracts';

/** Says how requests reach the function that the bundling step has written to `functions/index.func`. */
export function finishNode(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  return finishFunction(request, 'index');
}
