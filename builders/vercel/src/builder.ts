import type { Builder } from '@svc/builder-kit';
import { finishPackage } from './finish.ts';
import { ADAPTED_RUNTIMES, takesBuilder } from './packages.ts';
import { planVercel } from './plan.ts';

/**
 * Builds with packages that follow the vendor's Builder contract: Ruby, Remix, React Router, Redwood and Hydrogen with the
 * vendor's own, and any service with the package that `svc.json` names.
 *
 * @param tools absolute paths of the bundled `src/tools/install.ts` and `src/tools/build.ts`, each run as a step.
 */
export function vercelBuilder(tools: { readonly install: string; readonly build: string }): Builder {
  return {
    name: 'vercel',
    version: '1',
    runtimes: ADAPTED_RUNTIMES,
    takes: takesBuilder,
    tools: { 'vercel/install': tools.install, 'vercel/build': tools.build },
    plan: planVercel,
    finish: finishPackage,
  };
}
