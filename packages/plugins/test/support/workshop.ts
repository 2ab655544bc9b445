import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Builder, FinishRequest, PlanRequest } from '@svc/builder-kit';
import type { Failure, Project, Result, ServiceConfig, SvcEvent, WorkingView } from '@svc/contracts';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import { type ForeignBuilder, type LoadedPlugins, loadPlugins } from '../../src/index.ts';

const packages = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const folders: string[] = [];
let programs = { host: '', preload: '' };

async function temporaryFolder(): Promise<string> {
  const folder = realpathSync(await mkdtemp(join(tmpdir(), 'svc-plugins-')));
  folders.push(folder);
  return folder;
}

/** Call once in a test file: bundles the programs as the command line's bundle holds them. */
export function bundledPrograms(): void {
  beforeAll(async () => {
    const dist = await temporaryFolder();
    const common = {
      bundle: true,
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      banner: {
        js: "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);",
      },
    } as const;
    const host = join(packages, 'plugins', 'src', 'host');
    await build({
      ...common,
      entryPoints: { host: join(host, 'main.ts'), preload: join(host, 'use-own-kit.ts') },
      outdir: join(dist, 'tools'),
    });
    const kit = join(packages, 'builder-kit', 'src', 'index.ts');
    await build({ ...common, entryPoints: { 'builder-kit': kit }, outdir: dist });
    programs = { host: join(dist, 'tools', 'host.mjs'), preload: join(dist, 'tools', 'preload.mjs') };
  });
  afterAll(() => Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true }))));
}

export interface Loaded {
  readonly plugins: LoadedPlugins;
  readonly result: Result<Builder>;
  readonly events: SvcEvent[];
  readonly folder: string;
  readonly planRequest: PlanRequest;
  finishRequest(view?: Partial<WorkingView>): FinishRequest;
}

export interface LoadOptions {
  readonly reference?: string;
  readonly local?: Partial<ServiceConfig['local']>;
  readonly signal?: AbortSignal;
  readonly foreign?: ForeignBuilder;
  readonly files?: Readonly<Record<string, string>>;
}

/** A project with the services `api` and `other`, whose builder of `api` has this source. */
export async function load(source: string, options: LoadOptions = {}): Promise<Loaded> {
  const folder = join(await temporaryFolder(), 'project');
  const files = { 'api/index.x': 'x', 'other/secret.txt': 's', 'tool/index.mjs': source, ...options.files };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { reference = './tool', local = {}, foreign = () => undefined } = options;
  const service = (name: string, more: Partial<ServiceConfig['local']>): ServiceConfig => ({
    ...{ name, root: name, bindings: [], functions: {}, routes: [], declared: {}, positions: {} },
    local: { env: [], envFiles: [], inputs: [], ...more },
  });
  const api = service('api', { builder: reference, ...local });
  const project: Project = {
    ...{ version: 1, directory: folder, boundary: folder, kind: 'services', warnings: [] },
    services: [api, service('other', {})],
    public: { routes: [], rules: [], crons: [] },
  };
  const events: SvcEvent[] = [];
  const plugins = await loadPlugins({
    ...{
      project,
      ...programs,
      ownNames: ['static', 'node'],
      takes: name => ['static', 'node'].includes(name),
      env: process.env,
      foreign,
    },
    emit: event => events.push(event),
    signal: options.signal ?? new AbortController().signal,
  });
  const result = plugins.builders.get(reference);
  if (!result) throw new Error(`nothing was loaded for ${reference}`);
  const output = join(folder, '.svc', 'output');
  mkdirSync(output, { recursive: true });
  return {
    ...{ plugins, result, events, folder },
    planRequest: {
      ...{ service: api, directory: 'api', paths: { boundary: folder, root: join(folder, 'api') } },
      ...{ framework: null, runtime: null, entrypoint: 'index.x', handler: null, files: ['index.x'] },
      ...{ otherRoots: [], packageManager: null, packageJson: { scripts: { build: 'make', test: 'true' } } },
      script: name => (name === 'build' ? { line: 'make it', label: 'npm run build' } : undefined),
    },
    finishRequest: (view = {}) => ({
      ...{ service: api, plan: {} as never, output, project: folder, publicCleanUrls: false },
      view: view as WorkingView,
    }),
  };
}

/** The builder, which must have been accepted. */
export function builderOf({ result }: Pick<Loaded, 'result'>): Builder {
  if (!result.ok) throw new Error(JSON.stringify(result.failures));
  return result.value;
}

/** The failures of what must have failed. */
export function failuresOf(result: Result<unknown>): readonly Failure[] {
  if (result.ok) throw new Error(`it did not fail: ${JSON.stringify(result.value)}`);
  return result.failures;
}
