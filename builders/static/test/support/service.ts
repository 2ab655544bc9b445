import { execSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FrameworkInfo, PlanRequest } from '@svc/builder-kit';
import type { JsonObject, Result, ServiceConfig, ServiceOutputConfig, ServicePlan } from '@svc/contracts';
import { type Framework, frameworks } from '@vercel/frameworks';
import { afterEach } from 'vitest';
import { staticBuilder } from '../../src/index.ts';
import { viewOf } from './view.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'svc-static-test-'));
  folders.push(folder);
  return folder;
}

export interface Site {
  /** Absolute path of the boundary. */
  readonly boundary: string;
  /** The service's root relative to it. */
  readonly directory: string;
}

export function site(files: Readonly<Record<string, string>>, directory = 'site'): Site {
  const boundary = temporaryFolder();
  for (const [path, content] of Object.entries(files)) put(join(boundary, directory, path), content);
  return { boundary, directory };
}

export function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export interface Options {
  readonly service?: Partial<ServiceConfig>;
  /** Slug. */
  readonly framework?: string;
  readonly publicCleanUrls?: boolean;
  /** Scripts of package.json. */
  readonly scripts?: Readonly<Record<string, string>>;
}

function serviceOf(options: Options): ServiceConfig {
  return {
    name: 'site',
    root: 'site',
    bindings: [],
    functions: {},
    routes: [],
    local: { env: [], envFiles: [], inputs: [] },
    declared: {},
    positions: {},
    ...options.service,
  };
}

async function infoOf(slug: string): Promise<FrameworkInfo> {
  const list = frameworks as readonly unknown[] as readonly Framework[];
  const framework = list.find(each => each.slug === slug);
  if (!framework) throw new Error(`no framework ${slug}`);
  const derived = framework.getOutputDirName.length > 0;
  return {
    slug,
    name: framework.name,
    buildCommand: framework.settings.buildCommand.value ?? null,
    outputDirectory: derived ? null : await framework.getOutputDirName(''),
    cachePattern: null,
    envPrefix: null,
  };
}

export async function plan({ boundary, directory }: Site, options: Options = {}) {
  const root = join(boundary, directory);
  const request: PlanRequest = {
    service: serviceOf(options),
    directory,
    paths: { boundary, root },
    framework: options.framework === undefined ? null : await infoOf(options.framework),
    runtime: null,
    entrypoint: null,
    handler: null,
    files: filesIn(root),
    otherRoots: [],
    packageManager: null,
    packageJson: null,
    script: name => {
      const line = options.scripts?.[name];
      return line === undefined ? undefined : { line, label: `npm run ${name}` };
    },
  };
  return staticBuilder.plan(request);
}

export interface Finished {
  readonly result: Result<ServiceOutputConfig>;
  /** Absolute path of the service's output tree. */
  readonly output: string;
  /** Paths of its files and links, sorted. */
  readonly files: string[];
}

/** Plans, really runs the steps in the service's root, and finishes. */
export async function build(where: Site, options: Options = {}): Promise<Finished> {
  const planned = await plan(where, options);
  if (!planned.ok) throw new Error(JSON.stringify(planned.failures));
  const root = join(where.boundary, where.directory);
  for (const { command } of planned.value.steps) {
    if (command.type === 'shell') execSync(command.line, { cwd: root, stdio: 'pipe' });
  }
  const output = temporaryFolder();
  const framework = options.framework === undefined ? null : { slug: options.framework, name: '' };
  const servicePlan = {
    directory: where.directory,
    framework,
    builderData: planned.value.data as JsonObject,
  } as ServicePlan;
  const result = await staticBuilder.finish({
    service: serviceOf(options),
    plan: servicePlan,
    view: viewOf(where.boundary),
    output,
    project: where.boundary,
    publicCleanUrls: options.publicCleanUrls ?? false,
  });
  return { result, output, files: filesIn(output) };
}

export function configOf({ result }: Finished): ServiceOutputConfig {
  if (!result.ok) throw new Error(JSON.stringify(result.failures));
  return result.value;
}

export function filesIn(folder: string, prefix = ''): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .flatMap(entry => {
      const path = `${prefix}${entry.name}`;
      return entry.isDirectory() ? filesIn(folder, `${path}/`) : [path];
    })
    .sort();
}

export function textOf({ output }: Finished, path: string): string {
  return readFileSync(join(output, path), 'utf8');
}
