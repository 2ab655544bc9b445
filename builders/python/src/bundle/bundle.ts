import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { functionFolder, writeFunctionConfig } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type BundleInput, PACKAGES, SERVER_PACKAGES } from '../input.ts';
import { readState } from '../install/state.ts';
import { checkApp } from './check-app.ts';
import { copyPackages, installedVersion } from './packages.ts';
import { isShipped } from './sources.ts';
import { copyTree } from './tree.ts';
import { functionConfig, HANDLER_FILE } from './vc-config.ts';

/** Programs in Python that go into every function, or look at it. */
export interface Programs {
  /** What is started; knows by `APP` what to load. */
  readonly trampoline: string;
  readonly server: string;
  /** Not shipped: reads the app's modules for mistakes. */
  readonly checker: string;
}

/** Packages whose version is the framework's. */
const FRAMEWORK_PACKAGES: Readonly<Record<string, string>> = { fasthtml: 'python-fasthtml' };

/**
 * Makes the service's function: its sources, its packages in `_vendor`, and what serves it in `_svc`. The result refers to
 * nothing outside itself but to Python, and is the same wherever and whenever it is built from the same packages.
 */
export async function bundleService(
  input: BundleInput,
  { root, output }: ToolContext,
  programs: Programs,
): Promise<Result<void>> {
  const state = await readState(root);
  if (!state) throw new Error('the install step has left no state');
  if (!existsSync(join(root, input.app.file))) {
    return failed({
      code: 'entrypoint-not-built',
      message: `the entrypoint ${input.app.file} is gone after the build`,
      help: 'Check what the build command removes.',
    });
  }
  const folder = functionFolder(output, input.name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await copyTree(root, folder, isShipped(input.settings.excludeFiles));
  const vendor = join(folder, '_vendor');
  await mkdir(vendor, { recursive: true });
  const packages = await copyPackages(join(root, PACKAGES), vendor, root);
  if (!packages.ok) return packages;
  const server = await addServer(root, folder);
  if (!server.ok) return server;

  const own = join(folder, '_svc');
  await mkdir(own, { recursive: true });
  const app = await appOf(input, own);
  const paths = [...new Set([...app.paths, ...packages.value])];
  const mistakes = await checkApp(programs.checker, {
    folder,
    file: input.app.file,
    paths: [...paths, '_vendor', '_svc'],
    interpreter: state.interpreter.executable,
    root: input.root,
  });
  if (mistakes.length > 0) return failed(...mistakes);
  const trampoline = programs.trampoline.replace('APP = {}', () => `APP = ${asPython({ ...app, paths })}`);
  await writeFile(join(folder, HANDLER_FILE), trampoline);
  await writeFile(join(own, 'vc_server.py'), programs.server);
  const version = input.framework && (await frameworkVersion(vendor, input.framework));
  const framework = input.framework && version ? { slug: input.framework, version } : undefined;
  const config = functionConfig(state.interpreter.minor, input.settings, framework);
  await writeFunctionConfig(output, input.name, config);
  return ok(undefined);
}

/** The platform looks for its runtime among the packages; another server stays behind them, so that the app's own wins. */
async function addServer(root: string, folder: string): Promise<Result<string[]>> {
  const from = join(root, SERVER_PACKAGES);
  const isPlatformRuntime = existsSync(join(from, 'vercel_runtime'));
  if (isPlatformRuntime && existsSync(join(folder, '_vendor', 'vercel_runtime'))) return ok([]);
  return copyPackages(from, join(folder, isPlatformRuntime ? '_vendor' : '_svc'), root);
}

type LoadedApp = {
  readonly file: string;
  readonly module: string;
  readonly attribute: string;
  readonly paths: readonly string[];
};

/** A function that makes the app is called by a module of ours, so that whatever serves it finds an app. */
async function appOf({ app }: BundleInput, own: string): Promise<LoadedApp> {
  const { file, module, attribute, paths } = app;
  if (!app.factory) return { file, module, attribute, paths };
  const text = `from ${module} import ${attribute}\n\napp = ${attribute}()\n`;
  await writeFile(join(own, 'vc_app.py'), text);
  return { file: '_svc/vc_app.py', module: 'vc_app', attribute: 'app', paths };
}

function frameworkVersion(vendor: string, framework: string): Promise<string | undefined> {
  return installedVersion(vendor, FRAMEWORK_PACKAGES[framework] ?? framework);
}

/** Texts and lists of texts are written in Python as they are in JSON. */
function asPython(app: LoadedApp): string {
  return JSON.stringify(app, ['file', 'module', 'attribute', 'paths']);
}
