import type { Builder } from '@svc/builder-kit';
import { finishNext } from './finish.ts';
import { planNext } from './plan.ts';

/**
 * Builds Next.js services (and Blitz, which is built on it), app router and pages router, by way of the vendor's own builder.
 *
 * @param tools absolute paths of the adapter's install tool and of the bundled `src/tools/build.ts`.
 */
export function nextBuilder(tools: { readonly install: string; readonly build: string }): Builder {
  return {
    name: 'next',
    version: '1',
    runtimes: ['next'],
    tools: { 'next/install': tools.install, 'next/build': tools.build },
    plan: planNext,
    finish: finishNext,
  };
}
