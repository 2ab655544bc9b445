import type { Builder } from '@svc/builder-kit';
import { developPython } from './develop.ts';
import { finishPython } from './finish.ts';
import { planPython } from './plan/plan.ts';

/**
 * Builds Python services: FastAPI, Flask, Django, FastHTML, and any other ASGI or WSGI app.
 *
 * @param tools absolute paths of the bundled `src/tools/install.ts` and `src/tools/bundle.ts`, each run as a step.
 */
export function pythonBuilder(tools: {
  readonly install: string;
  readonly bundle: string;
  /** The bundled `src/tools/environment.ts`, which `svc dev` runs. */
  readonly environment?: string;
}): Builder {
  return {
    name: 'python',
    version: '1',
    runtimes: ['python'],
    tools: {
      'python/install': tools.install,
      'python/bundle': tools.bundle,
      ...(tools.environment === undefined ? {} : { 'python/environment': tools.environment }),
    },
    plan: planPython,
    finish: finishPython,
    develop: developPython,
  };
}
