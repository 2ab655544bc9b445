import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlanRequest } from '@svc/builder-kit';
import { bundleTools } from '@svc/builder-kit/test-support';
import type { Failure, Notice, Result, ServiceConfig, ServiceOutputConfig, ToolReport } from '@svc/contracts';
import { afterAll, beforeAll } from 'vitest';
import { vercelBuilder } from '../../src/index.ts';
import type { BuildInput } from '../../src/tool.ts';

let programs = '';

/** Bundles the adapter's programs as they ship, for the tests of one file. */
export function useAdapterPrograms(): void {
  beforeAll(async () => {
    const location = fileURLToPath(new URL('../..', import.meta.url));
    const tools = await bundleTools(location, ['install', 'build', 'host'], {
      external: ['@vercel/nft'],
      prefix: 'vercel-',
    });
    programs = tools.folder;
  });
  afterAll(() => rm(programs, { recursive: true, force: true }));
}

export interface Project {
  readonly boundary: string;
  readonly output: string;
  readonly cache: string;
  remove(): Promise<void>;
}

export async function makeProject(files: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'svc-vercel-'));
  const boundary = join(folder, 'project');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(boundary, path)), { recursive: true });
    await writeFile(join(boundary, path), text);
  }
  return {
    boundary,
    output: join(folder, 'output'),
    cache: join(folder, 'cache'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Asked extends Partial<Omit<ServiceConfig, 'name' | 'local'>> {
  /** As in `svc.json`. */
  readonly builder: string;
  readonly timeLimit?: number;
  readonly publicCleanUrls?: boolean;
  /** Where npm finds packages. */
  readonly registry: string;
}

export interface Built {
  readonly result: Result<ServiceOutputConfig>;
  readonly notices: readonly Notice[];
  readonly printed: string;
}

/** Plans the service `web` in `web/`, runs its steps in place, as the queue does in isolation, and finishes it. */
export async function buildWeb(project: Project, asked: Asked): Promise<Built> {
  const { builder: name, timeLimit, publicCleanUrls = false, registry, ...fields } = asked;
  const service: ServiceConfig = {
    name: 'web',
    root: 'web',
    bindings: [],
    functions: {},
    routes: [],
    declared: {},
    positions: {},
    local: { env: [], envFiles: [], inputs: [], builder: name },
    ...fields,
  };
  const builder = vercelBuilder({
    install: join(programs, 'vercel-install.mjs'),
    build: join(programs, 'vercel-build.mjs'),
  });
  const plan = await builder.plan(planRequest(project, service));
  if (!plan.ok) return { result: plan, notices: [], printed: '' };
  const notices: Notice[] = [];
  let printed = '';
  await rm(project.output, { recursive: true, force: true });
  for (const { command } of plan.value.steps) {
    if (command.type !== 'tool') throw new Error('the adapter plans tools only');
    const input = { ...command.input, ...(timeLimit === undefined ? {} : { timeLimit }) };
    const end = await runTool(builder.tools[command.tool] ?? '', input, project, registry);
    notices.push(...end.report.notices);
    printed += end.printed;
    if (end.report.failures.length > 0)
      return { result: { ok: false, failures: end.report.failures }, notices, printed };
    if (end.status !== 0) throw new Error(end.printed);
  }
  const result = await builder.finish({
    service,
    plan: { builderData: plan.value.data } as never,
    view: {} as never,
    project: project.boundary,
    output: project.output,
    publicCleanUrls,
  });
  return { result, notices, printed };
}

export function failuresOf({ result }: Built): readonly Failure[] {
  if (result.ok) throw new Error('it was built');
  return result.failures;
}

function planRequest(project: Project, service: ServiceConfig): PlanRequest {
  return {
    service,
    directory: service.root,
    paths: { boundary: project.boundary, root: join(project.boundary, service.root) },
    framework: null,
    runtime: null,
    entrypoint: service.entrypoint ?? null,
    handler: null,
    files: [],
    otherRoots: [],
    packageManager: null,
    packageJson: null,
    script: () => undefined,
  };
}

async function runTool(module: string, input: object, project: Project, registry: string) {
  const report = join(dirname(project.output), 'report.json');
  await rm(report, { force: true });
  const child = spawn(process.execPath, [module], {
    cwd: join(project.boundary, 'web'),
    env: {
      ...process.env,
      SVC_BOUNDARY: project.boundary,
      SVC_OUTPUT: project.output,
      SVC_REPORT: report,
      SVC_CACHE_DIR: project.cache,
      npm_config_cache: join(project.cache, 'npm'),
      npm_config_registry: registry,
      npm_config_fetch_retries: '0',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (printed += String(part)));
  child.stdin.end(JSON.stringify(input satisfies Partial<BuildInput>));
  const [status] = (await once(child, 'close')) as [number | null];
  const found = existsSync(report) ? (JSON.parse(await readFile(report, 'utf8')) as ToolReport) : undefined;
  return { status, printed, report: found ?? { failures: [], notices: [] } };
}
