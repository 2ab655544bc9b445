import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinishRequest } from '@svc/builder-kit';
import { mergeRoutes } from '@svc/builder-kit';
import { type FunctionOutputConfig, ok, type Result, type ServiceOutputConfig } from '@svc/contracts';
import { functionRoutes } from './routes.ts';

/** Says how requests reach the function that the bundling step has written. */
export async function finishPython(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  const name = String(request.plan.builderData.function);
  const file = join(request.output, 'functions', `${name}.func`, '.vc-config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as FunctionOutputConfig;
  const framework = config.framework as ServiceOutputConfig['framework'];
  return ok({
    version: 3,
    routes: mergeRoutes(request.service.routes, functionRoutes(name)),
    ...(framework ? { framework } : {}),
  });
}
