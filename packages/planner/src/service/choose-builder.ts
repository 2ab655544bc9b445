import type { Builder } from '@svc/builder-kit';
import type { Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { didYouMean } from '../nearest-name.ts';
import { failure } from './failure.ts';
import type { Resolution } from './resolution.ts';

/** The builder that `svc.json` names, else the first that builds the service's runtime. */
export function chooseBuilder(
  service: ServiceConfig,
  builders: readonly Builder[],
  resolution: Resolution,
): Result<Builder> {
  const { builder: wanted } = service.local;
  if (wanted !== undefined) {
    const named = builders.find(({ name }) => name === wanted) ?? builders.find(each => each.takes?.(wanted));
    if (named) return ok(named);
    return failed(
      failure(service, 'builder-not-found', 'local.builder', {
        message: `svc.json wants the builder "${wanted}" for service "${service.name}", but there is none of that name`,
        help:
          didYouMean(
            wanted,
            builders.map(({ name }) => name),
          ) ?? 'Install the package, or correct the name.',
      }),
    );
  }
  const builder = builders.find(({ runtimes }) => runtimes.includes(resolution.builderKey));
  return builder ? ok(builder) : failed(unsupported(service, resolution, builders));
}

function unsupported(service: ServiceConfig, resolution: Resolution, builders: readonly Builder[]) {
  const { framework, runtime, detectedFrom } = resolution;
  const what = runtime ? `runtime ${runtime}` : `framework ${framework?.name ?? resolution.builderKey}`;
  const known = builders.flatMap(({ runtimes }) => runtimes).join(', ');
  const field = ['runtime', 'framework', 'entrypoint'].find(each => each in service.declared) ?? 'root';
  return failure(service, 'runtime-unsupported', field, {
    message: `no builder for ${what} yet, which service "${service.name}" needs (by ${detectedFrom})`,
    help: `There are builders for: ${known}.`,
  });
}
