import type { Builder } from '@svc/builder-kit';
import { developRust } from './develop.ts';
import { finishRust } from './finish.ts';
import { planRust } from './plan/plan.ts';

/**
 * Builds Rust services: programs that listen on `PORT`, with axum, actix or anything else, and programs of the crate
 * `vercel_runtime`.
 *
 * @param tools absolute paths of the bundled `src/tools/fetch.ts` and `src/tools/build.ts`, each run as a step.
 */
export function rustBuilder(tools: { readonly fetch: string; readonly build: string }): Builder {
  return {
    name: 'rust',
    version: '1',
    runtimes: ['rust'],
    tools: { 'rust/fetch': tools.fetch, 'rust/build': tools.build },
    plan: planRust,
    finish: finishRust,
    develop: developRust,
  };
}
