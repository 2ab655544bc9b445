import { join, posix } from 'node:path';
import type { FinishRequest } from '@svc/builder-kit';
import { cleanUrlOverrides, leftOut, mergeRoutes } from '@svc/builder-kit';
import type { Result, Route, ServiceOutputConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { adoptBuildOutput } from './adopt.ts';
import { type Built, fromJson } from './data.ts';
import { derivedOutputDirectory, derivedRoutes } from './derived.ts';
import { emptyOutput, escapingOutput, missingOutput, notADirectory } from './failures.ts';
import { installedVersion } from './installed-version.ts';
import { type OutputEntry, resolveOuterLinks, walkOutput } from './output-tree.ts';

/** Collects what the steps left into `static/`, and says under which names and routes it is reached. */
export async function finishStatic(request: FinishRequest): Promise<Result<ServiceOutputConfig>> {
  const { plan, view, service } = request;
  const data = fromJson(plan.builderData);
  if (data.mode === 'build') {
    const adopted = await adoptBuildOutput(request);
    if (adopted)
      return adopted.ok ? ok(withCleanUrls(request, adopted.value.config, adopted.value.files)) : adopted;
  }
  const directory = data.mode === 'build' ? await builtDirectory(request, data) : data.from;
  if (/^(?:\/|\.\.(?:\/|$))/.test(posix.normalize(directory)))
    return failed(escapingOutput(service, directory));
  const from = posix.join(plan.directory, directory);
  const found = await view.stat(from);
  if (!found) return failed(await missingOutput(request, directory, data));
  if (found.kind === 'file') return failed(notADirectory(service, directory));

  const to = join(request.output, 'static');
  await view.copy(
    from,
    to,
    chooser(data.mode === 'files' ? data.files : undefined, plan.directory, directory),
  );
  const entries = await walkOutput(to);
  if (entries.length === 0) return failed(emptyOutput(service, directory, data));
  await resolveOuterLinks(view, from, to, entries);

  const routes = data.mode === 'build' ? await frameworkRoutes(request, data, to) : [];
  const framework = data.mode === 'build' ? await frameworkOf(request, data) : undefined;
  const config: ServiceOutputConfig = {
    version: 3,
    routes: mergeRoutes(service.routes, routes),
    ...(framework ? { framework } : {}),
  };
  return ok(withCleanUrls(request, config, routes.length > 0 ? await walkOutput(to) : entries));
}

async function builtDirectory({ plan, view }: FinishRequest, data: Built): Promise<string> {
  if (data.outputDirectory !== null) return data.outputDirectory;
  return derivedOutputDirectory(view, plan.directory, plan.framework?.slug ?? '');
}

/**
 * Which paths of the view are copied. A plain folder: the files that were chosen when planning. A build into the root
 * itself (`outputDirectory: "."`): what a plain folder would publish. Any other build: everything it left.
 */
function chooser(
  files: readonly string[] | undefined,
  root: string,
  directory: string,
): ((path: string) => boolean) | undefined {
  const relative = (path: string) => (root === '.' ? path : path.slice(root.length + 1));
  if (files) {
    const chosen = new Set(files);
    for (const file of files) {
      for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder))
        chosen.add(folder);
    }
    return path => chosen.has(relative(path));
  }
  return directory === '.' ? path => leftOut(relative(path)) === undefined : undefined;
}

async function frameworkRoutes(
  { plan }: FinishRequest,
  data: Built,
  output: string,
): Promise<readonly Route[]> {
  return data.routes ?? derivedRoutes(plan.framework?.slug ?? '', output);
}

async function frameworkOf({ plan, view }: FinishRequest, data: Built) {
  if (!plan.framework) return undefined;
  const version = await installedVersion(view, plan.directory, data.frameworkPackage);
  return { slug: plan.framework.slug, version: version ?? '' };
}

function withCleanUrls(
  { service, publicCleanUrls }: FinishRequest,
  config: ServiceOutputConfig,
  files: readonly OutputEntry[],
): ServiceOutputConfig {
  if (!(service.cleanUrls ?? publicCleanUrls)) return config;
  const overrides = cleanUrlOverrides(
    files.map(({ path }) => path),
    config.overrides,
  );
  return Object.keys(overrides).length === 0 ? config : { ...config, overrides };
}
