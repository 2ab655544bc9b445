import type { PlanRequest } from '@svc/builder-kit';
import type { Project, Result, ServiceConfig } from '@svc/contracts';
import { ok } from '@svc/contracts';
import { completeService } from './complete-service.ts';
import { frameworkInfo } from './frameworks/catalog.ts';
import { type Installation, planInstallation } from './packages/install.ts';
import { composeScript, type Script } from './packages/scripts.ts';
import type { PlannedService, Planning } from './planning.ts';
import { askBuilder } from './service/ask-builder.ts';
import { chooseBuilder, leftToItsBuilder } from './service/choose-builder.ts';
import { readEntrypoint } from './service/entrypoint.ts';
import { openServiceFolder, type ServiceFolder } from './service/folder.ts';
import { resolveService } from './service/resolution.ts';

/** Plans one service by itself. Reads the checkout, executes nothing. */
export async function planService(
  planning: Planning,
  service: ServiceConfig,
): Promise<Result<PlannedService>> {
  const { checkout, project, prefix, builders } = planning;
  const opened = await openServiceFolder(checkout, project, prefix, service);
  if (!opened.ok) return opened;
  const folder = opened.value;
  const entrypoint = readEntrypoint(service, folder);
  if (!entrypoint.ok) return entrypoint;

  const workspace = await planning.workspaces.of(folder.directory);
  const installation = workspace ? await planInstallation(checkout, folder.directory, workspace) : null;
  const scripts = new Map<string, Script>();
  const requestFor = (known: Pick<PlanRequest, 'framework' | 'runtime' | 'entrypoint' | 'handler'>) =>
    planRequest(planning, service, folder, installation, scripts, known);

  const resolved = await resolveService(service, folder, entrypoint.value, configName(project), async () => {
    const node = builders.find(({ runtimes }) => runtimes.includes('node'));
    if (!node || service.local.builder !== undefined) return undefined;
    const blank = { framework: null, runtime: 'node', entrypoint: null, handler: null };
    const answer = await askBuilder(service, node, requestFor(blank));
    return answer.ok || answer.failures.some(({ code }) => code !== 'entrypoint-not-found')
      ? answer
      : undefined;
  });
  const recovered = leftToItsBuilder(service, folder, entrypoint.value, planning, resolved);
  if (!recovered.ok) return recovered;
  const resolution = recovered.value;

  const builder = chooseBuilder(service, planning, resolution);
  if (!builder.ok) return builder;
  const framework = resolution.framework ? await frameworkInfo(resolution.framework) : null;
  const request = requestFor({
    framework,
    runtime: resolution.runtime,
    entrypoint: resolution.entrypoint?.path ?? null,
    handler: resolution.entrypoint?.handler ?? null,
  });
  const { planned } = resolution;
  const answer = planned ? ok(planned) : await askBuilder(service, builder.value, request);
  if (!answer.ok) return answer;
  return completeService(planning, {
    service,
    folder,
    installation,
    resolution,
    framework,
    builder: builder.value,
    built: answer.value,
    scripts,
  });
}

function configName(project: Project): string {
  return project.configFile ?? 'vercel.json';
}

function planRequest(
  { checkout }: Planning,
  service: ServiceConfig,
  folder: ServiceFolder,
  installation: Installation | null,
  scripts: Map<string, Script>,
  known: Pick<PlanRequest, 'framework' | 'runtime' | 'entrypoint' | 'handler'>,
): PlanRequest {
  return {
    service,
    directory: folder.directory,
    paths: { boundary: checkout.boundary, root: folder.absolute },
    ...known,
    files: folder.files,
    otherRoots: folder.otherRoots,
    packageManager: installation?.manager ?? null,
    packageJson: folder.packageJson,
    script: name => {
      const script = installation && composeScript(folder.packageJson, name, installation.runner);
      if (script) scripts.set(script.line, script);
      return script ?? undefined;
    },
  };
}
