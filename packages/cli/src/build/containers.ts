import { ENGINE_NAMES, type EngineChoice } from '@svc/builder-container';
import { failed, ok, type Result } from '@svc/contracts';
import { usage } from '../options.ts';

/** No engine and no registry is asked for: the first engine that works, and images stay in the deployment. */
export const ANY_ENGINE: EngineChoice = { engine: null, registry: null };

/** `registry.example.com:5000/team/project`: a host, then the parts of a name (distribution's reference grammar). */
const REGISTRY =
  /^(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:)|\[[0-9a-f:]+\])(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

/** What `--engine` and `--registry` say, or else the variables `SVC_ENGINE` and `SVC_REGISTRY`. */
export function readEngineChoice(
  values: { readonly engine?: string | undefined; readonly registry?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Result<EngineChoice> {
  const engine = values.engine ?? (env.SVC_ENGINE || undefined);
  const registry = (values.registry ?? (env.SVC_REGISTRY || undefined))?.replace(/\/$/, '');
  const known = ENGINE_NAMES.find(name => name === engine);
  const failures = [
    ...(engine !== undefined && known === undefined
      ? [usage('bad-option-value', `--engine is one of ${ENGINE_NAMES.join(', ')}, not "${engine}"`, 'build')]
      : []),
    ...(registry !== undefined && !REGISTRY.test(registry)
      ? [
          usage(
            'bad-option-value',
            `--registry takes a host and a name in lower case, such as ghcr.io/acme/shop, not "${registry}"`,
            'build',
          ),
        ]
      : []),
  ];
  if (failures.length > 0) return failed(...failures);
  return ok({ engine: known ?? null, registry: registry ?? null });
}
