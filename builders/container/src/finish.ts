import type { FinishRequest } from '@svc/builder-kit';
import { finishFunction } from '@svc/builder-kit';
import type { Result, ServiceOutputConfig } from '@svc/contracts';

/** Says how requests reach the container that the build has written to `functions/container.func`. */
export function finishContainer(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  return finishFunction(request, 'container');
}
