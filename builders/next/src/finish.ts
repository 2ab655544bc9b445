import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinishRequest } from '@svc/builder-kit';
import { finishPackage } from '@svc/builder-vercel';
import type { Result, ServiceOutputConfig } from '@svc/contracts';

/**
 * Leaves out what Next.js writes for the vendor's own eyes: a trace of the build with times and paths of this machine. The
 * routes answer 404 for it.
 */
export async function finishNext(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  await rm(join(request.output, 'static/_next/__private'), { recursive: true, force: true });
  return finishPackage(request);
}
