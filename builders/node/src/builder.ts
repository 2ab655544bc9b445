import type { Builder } from '@svc/builder-kit';
import { developNode } from './develop.ts';
import { finishNode } from './finish.ts';
import { planNode } from './plan/plan.ts';

/**
 * Builds services that run on Node: frameworks with a server of their own, plain handlers, and programs that listen.
 *
 * @param tools `bundle`: absolute path of the bundled `src/tools/bundle.ts`, run as a step of its own.
 */
export function nodeBuilder(tools: { readonly bundle: string }): Builder {
  return {
    name: 'node',
    version: '1',
    runtimes: ['node'],
    tools: { 'node/bundle': tools.bundle },
    plan: planNode,
    finish: finishNode,
    develop: developNode,
  };
}
