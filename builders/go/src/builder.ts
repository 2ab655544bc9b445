import type { Builder } from '@svc/builder-kit';
import { developGo } from './develop.ts';
import { finishGo } from './finish.ts';
import { planGo } from './plan/plan.ts';

/**
 * Builds Go services: programs that listen on `PORT`, with net/http, gin, chi, echo or anything else.
 *
 * @param tools absolute paths of the bundled `src/tools/download.ts` and `src/tools/build.ts`, each run as a step.
 */
export function goBuilder(tools: { readonly download: string; readonly build: string }): Builder {
  return {
    name: 'go',
    version: '1',
    runtimes: ['go'],
    tools: { 'go/download': tools.download, 'go/build': tools.build },
    plan: planGo,
    finish: finishGo,
    develop: developGo,
  };
}
