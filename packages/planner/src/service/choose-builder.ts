import type { Builder } from '@svc/builder-kit';
import type { Failure, Result, ServiceConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import picomatch from 'picomatch';
import { didYouMean } from '../nearest-name.ts';
import type { Planning } from '../planning.ts';
import { failure } from './failure.ts';
import type { ServiceFolder } from './folder.ts';
import type { Resolution } from './resolution.ts';

type Builders = Pick<Planning, 'builders' | 'plugins'>;

/** The builder that `svc.json` names, else the first that builds the service's runtime: svc's own before listed ones. */
export function chooseBuilder(
  service: ServiceConfig,
  known: Builders,
  resolution: Resolution,
): Result<Builder> {
  const { builder: wanted } = service.local;
  if (wanted !== undefined) return namedBuilder(service, wanted, known);
  const own = known.builders.find(({ runtimes }) => runtimes.includes(resolution.builderKey));
  if (own && resolution.builderName === undefined) return ok(own);
  // A listed builder that cannot be had is no matter of services that do without it.
  const listed = listedBuilders(service, known);
  if (!listed.ok) return listed;
  const builders = [...known.builders, ...listed.value];
  const builder = listed.value.find(
    ({ name, runtimes }) => name === resolution.builderName || runtimes.includes(resolution.builderKey),
  );
  return builder ? ok(builder) : failed(unsupported(service, resolution, builders));
}

function namedBuilder(
  service: ServiceConfig,
  wanted: string,
  { builders, plugins }: Builders,
): Result<Builder> {
  const named = builders.find(({ name }) => name === wanted);
  if (named) return ok(named);
  const plugin = plugins.get(wanted);
  if (plugin) return plugin.ok ? plugin : failed(...plugin.failures.map(each => placed(service, each)));
  const taker = builders.find(builder => builder.takes?.(wanted));
  if (taker) return ok(taker);
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

function listedBuilders(service: ServiceConfig, { plugins }: Builders): Result<readonly Builder[]> {
  const found = (service.local.builders ?? []).flatMap(reference => plugins.get(reference) ?? []);
  const failures = found.flatMap(each => (each.ok ? [] : each.failures));
  if (failures.length > 0) return failed(...failures.map(each => placed(service, each)));
  return ok(found.flatMap(each => (each.ok ? [each.value] : [])));
}

function placed(service: ServiceConfig, told: Failure): Failure {
  return { ...failure(service, told.code, 'local.builder', told), ...told, service: service.name };
}

/**
 * What becomes of a service that svc knows no better than as plain files, or not at all. A builder that `svc.json` names for it
 * may know what svc does not; else the builders that `svc.json` lists are asked, by the files that they detect.
 *
 * @param configured the entrypoint in the configuration, which wins over a detected one.
 */
export function leftToItsBuilder(
  service: ServiceConfig,
  folder: ServiceFolder,
  configured: Resolution['entrypoint'],
  known: Builders,
  resolved: Result<Resolution>,
): Result<Resolution> {
  const { builder: wanted } = service.local;
  const isUnknown = resolved.ok
    ? resolved.value.detectedFrom === 'plain files'
    : resolved.failures.every(({ code }) => code === 'framework-undetected');
  if (wanted !== undefined) {
    const named = namedBuilder(service, wanted, known);
    if (!named.ok) return named;
    const entrypoint = configured ?? detected(named.value, folder);
    if (isUnknown) return ok(ofBuilder(named.value, '"builder" in svc.json', entrypoint));
    if (!resolved.ok) return resolved;
    return ok({ ...resolved.value, entrypoint: resolved.value.entrypoint ?? entrypoint });
  }
  if (!isUnknown) return resolved;
  const listed = listedBuilders(service, known);
  if (!listed.ok) return listed;
  for (const builder of listed.value) {
    const found = detected(builder, folder);
    if (found) return ok(ofBuilder(builder, found.path, configured ?? found));
  }
  return resolved;
}

function ofBuilder(
  { name }: Builder,
  detectedFrom: string,
  entrypoint: Resolution['entrypoint'],
): Resolution {
  const nothing = { framework: null, alsoMatched: [], runtime: null };
  return { ...nothing, detectedFrom, builderKey: name, builderName: name, entrypoint };
}

/** The first file that the first of the builder's patterns matches. */
function detected(builder: Builder, folder: ServiceFolder): Resolution['entrypoint'] {
  for (const pattern of builder.detects ?? []) {
    const matches = picomatch(pattern);
    const path = folder.files.find(file => matches(file));
    if (path !== undefined) return { path, handler: null, runtime: null };
  }
  return null;
}

function unsupported(service: ServiceConfig, resolution: Resolution, builders: readonly Builder[]) {
  const { framework, runtime, detectedFrom } = resolution;
  const what = runtime ? `runtime ${runtime}` : `framework ${framework?.name ?? resolution.builderKey}`;
  const known = builders.flatMap(({ runtimes }) => runtimes).join(', ');
  const field = ['runtime', 'framework', 'entrypoint'].find(each => each in service.declared) ?? 'root';
  return failure(service, 'runtime-unsupported', field, {
    message: `no builder for ${what} yet, which service "${service.name}" needs (by ${detectedFrom})`,
    help: `There are builders for: ${known}. One of your own is named in svc.json ("builder"): svc builder new makes one.`,
  });
}
