import type { FinishRequest } from '@svc/builder-kit';
import { finishFunction } from '@svc/builder-kit';
import type { Result, ServiceOutputConfig } from '@svc/contracts';

/** Says how requests reach the function that the build has written to `functions/go.func`. */
export function finishGo(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  return finishFunction(request, 'go');
}
