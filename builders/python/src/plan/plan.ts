import type { BuilderPlan, PlanRequest, StepDraft } from '@svc/builder-kit';
import { settingsFor } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { functionNames, functionNotices } from '../function-settings.ts';
import {
  type BundleInput,
  type Installer,
  type InstallInput,
  PACKAGES,
  PROGRAMS,
  WORK_FOLDER,
} from '../input.ts';
import { chooseDependencies, type Dependencies } from './dependencies.ts';
import { findApp } from './entrypoint.ts';
import { isOnPath } from './on-path.ts';
import { outsideInputs } from './outside-inputs.ts';
import { readPyproject } from './pyproject.ts';
import { ServiceFiles } from './service-files.ts';
import { versionWishes } from './version-wishes.ts';

/** Frameworks of which a function is named, as the vendor does (section 5 of the services reference). */
const NAMED = new Set(['fastapi', 'flask', 'django', 'fasthtml']);

/**
 * Plans a Python service: an install step, which first looks for an interpreter that fits, the build command if there is
 * one, then the bundling. Executes nothing; that uv is used is decided by whether it is on the caller's `PATH`.
 *
 * Failures: `entrypoint-not-found`, `entrypoint-invalid`, `install-failed` for manifests that can't be read or contradict
 * their lockfile, `package-manager-missing` for Poetry's own format, `tool-missing` for an unreadable `requires-python`.
 */
export async function planPython(request: PlanRequest): Promise<Result<BuilderPlan>> {
  const { service } = request;
  const files = new ServiceFiles(request);
  const pyproject = await readPyproject(files);
  if (!pyproject.ok) return pyproject;
  const app = await findApp(files, pyproject.value);
  const dependencies = await chooseDependencies(files, pyproject.value);
  const wishes = await versionWishes(files, pyproject.value);
  if (!app.ok || !dependencies.ok || !wishes.ok) {
    return failed(...[app, dependencies, wishes].flatMap(result => (result.ok ? [] : result.failures)));
  }

  const installer: Installer = (await isOnPath('uv')) ? 'uv' : 'pip';
  const slug = request.framework?.slug ?? null;
  const name = slug !== null && NAMED.has(slug) ? slug : 'python';
  const install: InstallInput = {
    source: dependencies.value.source,
    installer,
    wishes: wishes.value,
    app: app.value,
    root: service.root,
    ownInstall: service.installCommand !== undefined,
  };
  const bundle: BundleInput = {
    name,
    framework: slug,
    app: app.value,
    root: service.root,
    settings: settingsFor(service.functions, functionNames(app.value.file)),
  };
  const command = service.buildCommand ?? pyproject.value?.buildScript;
  return ok({
    entrypoint: app.value.file,
    outputDirectory: null,
    steps: [
      {
        kind: 'build',
        label: installLabel(dependencies.value, installer),
        command: { type: 'tool', tool: 'python/install', input: install },
        network: true,
      },
      ...(command === undefined ? [] : [buildStep(command)]),
      {
        kind: 'bundle',
        label: `bundle ${app.value.module}:${app.value.attribute}`,
        command: { type: 'tool', tool: 'python/bundle', input: bundle },
      },
    ],
    caches: [WORK_FOLDER],
    inputs: await outsideInputs(files, dependencies.value.source),
    data: { function: name },
    warnings: [...dependencies.value.warnings, ...functionNotices(service, app.value.file)],
  });
}

function installLabel({ source, shown }: Dependencies, installer: Installer): string {
  if (shown === null) return `find Python (no dependencies to install)`;
  const versions =
    source.kind === 'uv-lock' && installer === 'pip' ? 'pyproject.toml with the versions of uv.lock' : shown;
  return `install ${versions} with ${installer}`;
}

/** The interpreter in use and the installed packages, their programs included, are there for a build command. */
function buildStep(command: string): StepDraft {
  const path = `export PATH="$PWD/${PROGRAMS}:$PWD/${PACKAGES}/bin:$PATH" PYTHONPATH="$PWD/${PACKAGES}" PYTHONDONTWRITEBYTECODE=1`;
  return { kind: 'build', label: command, command: { type: 'shell', line: `${path}\n${command}` } };
}
