import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionOutputConfig, Result, ServiceOutputConfig } from '@svc/contracts';
import { ok } from '@svc/contracts';
import type { FinishRequest } from './builder.ts';
import { functionRoutes, mergeRoutes } from './routes.ts';
import { functionFolder } from './write-function.ts';

/**
 * Finishes a service that is one function, which a step has written: files first, then the function for every path; the
 * service's own routes before both. The framework that the function's configuration names becomes the service's.
 *
 * @param name the function's: `index` for `functions/index.func`.
 */
export async function finishFunction(
  request: FinishRequest,
  name: string,
): Promise<Result<ServiceOutputConfig>> {
  const file = join(functionFolder(request.output, name), '.vc-config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as FunctionOutputConfig;
  const framework = config.framework as ServiceOutputConfig['framework'];
  return ok({
    version: 3,
    routes: mergeRoutes(request.service.routes, functionRoutes(name)),
    ...(framework ? { framework } : {}),
  });
}
