import type { Builder } from '@svc/builder-kit';
import { finishContainer } from './finish.ts';
import type { EngineChoice } from './input.ts';
import { developContainer } from './plan/develop.ts';
import { planContainer } from './plan/plan.ts';

/**
 * Builds services from a Dockerfile into images that a deployment carries with it, or that a registry holds.
 *
 * @param tools absolute paths of the bundled `src/tools/image.ts` and `src/tools/develop.ts`, which run as steps.
 */
export function containerBuilder(
  tools: { readonly image: string; readonly develop: string },
  choice: EngineChoice,
): Builder {
  return {
    name: 'container',
    version: '1',
    runtimes: ['container'],
    tools: { 'container/image': tools.image, 'container/develop': tools.develop },
    plan: request => planContainer(request, choice),
    finish: finishContainer,
    develop: request => developContainer(request, choice),
  };
}
