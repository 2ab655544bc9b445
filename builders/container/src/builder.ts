import type { Builder } from '@svc/builder-kit';
import { finishContainer } from './finish.ts';
import type { EngineChoice } from './input.ts';
import { planContainer } from './plan.ts';

/**
 * Builds services from a Dockerfile into images that a deployment carries with it, or that a registry holds.
 *
 * @param tools absolute path of the bundled `src/tools/image.ts`, which runs as a step.
 */
export function containerBuilder(tools: { readonly image: string }, choice: EngineChoice): Builder {
  return {
    name: 'container',
    version: '1',
    runtimes: ['container'],
    tools: { 'container/image': tools.image },
    plan: request => planContainer(request, choice),
    finish: finishContainer,
  };
}
