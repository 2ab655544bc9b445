import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { BuilderPlan, PlanRequest } from '@svc/builder-kit';
import type { Failure, JsonObject, Result, ServiceConfig, ToolReport } from '@svc/contracts';
import { ok } from '@svc/contracts';
import { pythonBuilder } from '../../src/index.ts';
import type { Programs } from './programs.ts';

export type Files = Readonly<Record<string, string>>;

export function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export interface ServiceFixture extends Partial<Omit<ServiceConfig, 'name'>> {
  readonly root: string;
  /** Slug of the framework that the planner found. */
  readonly slug?: string;
  /** The planner's reading of `module:attribute`. */
  readonly handler?: string;
}

/** What the planner would ask for a service below `boundary`. */
export function planRequest(boundary: string, fixture: ServiceFixture): PlanRequest {
  const { slug, handler, ...fields } = fixture;
  const root = join(boundary, fixture.root);
  const service: ServiceConfig = {
    name: 'api',
    bindings: [],
    functions: {},
    routes: [],
    local: { env: [], envFiles: [], inputs: [] },
    declared: {},
    positions: { entrypoint: { file: 'vercel.json', line: 3, column: 5 } },
    ...fields,
  };
  return {
    service,
    directory: fixture.root,
    paths: { boundary, root },
    framework: slug
      ? { slug, name: slug, buildCommand: null, outputDirectory: null, cachePattern: null, envPrefix: null }
      : null,
    runtime: 'python',
    entrypoint: service.entrypoint ?? null,
    handler: handler ?? null,
    files: sourceFiles(root),
    otherRoots: [],
    packageManager: null,
    packageJson: null,
    script: () => undefined,
  };
}

function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(path => !/(?:^|\/)(?:\.svc-python|__pycache__|_vendor|\.venv)\//.test(path))
    .sort();
}

export interface Built {
  readonly plan: BuilderPlan;
  /** Absolute path of the function's folder. */
  readonly function: string;
  /** What all steps printed. */
  readonly printed: string;
  readonly config: JsonObject;
}

export interface Builder {
  readonly programs: Programs;
  /** Variables for steps and for the plan, over those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Plans a service, runs its steps in place, as the queue does in isolation, and finishes it. */
export async function buildService(
  { programs, env = {} }: Builder,
  boundary: string,
  output: string,
  fixture: ServiceFixture,
): Promise<Result<Built>> {
  const builder = pythonBuilder(programs);
  const request = planRequest(boundary, fixture);
  const before = process.env.PATH;
  process.env.PATH = env.PATH ?? before;
  const plan = await builder.plan(request).finally(() => (process.env.PATH = before));
  if (!plan.ok) return plan;
  const cwd = join(boundary, fixture.root);
  let printed = '';
  if (service(fixture).installCommand !== undefined) {
    const own = await runProgram('sh', ['-c', service(fixture).installCommand ?? ''], cwd, env);
    if (own.status !== 0) throw new Error(own.output);
  }
  for (const { command } of plan.value.steps) {
    if (command.type === 'shell') {
      const end = await runProgram('sh', ['-c', command.line], cwd, env);
      printed += end.output;
      if (end.status !== 0) throw new Error(`${command.line}:\n${end.output}`);
      continue;
    }
    const module = builder.tools[command.tool] ?? '';
    const end = await runTool(module, command.input, { boundary, cwd, output, env });
    printed += end.output;
    if (end.failures) return { ok: false, failures: end.failures };
  }
  const name = String(plan.value.data.function);
  const finished = await builder.finish({
    service: request.service,
    plan: { builderData: plan.value.data } as never,
    view: {} as never,
    output,
    project: boundary,
    publicCleanUrls: false,
  });
  if (!finished.ok) return finished;
  const config = JSON.parse(JSON.stringify(finished.value)) as JsonObject;
  return ok({ plan: plan.value, function: join(output, 'functions', `${name}.func`), printed, config });
}

function service(fixture: ServiceFixture): Partial<ServiceConfig> {
  return fixture;
}

async function runTool(
  module: string,
  input: JsonObject,
  place: { boundary: string; cwd: string; output: string; env: Readonly<Record<string, string>> },
): Promise<{ output: string; failures?: readonly Failure[] }> {
  mkdirSync(place.output, { recursive: true });
  const failures = join(place.output, 'failures.json');
  rmSync(failures, { force: true });
  const env = {
    ...place.env,
    SVC_BOUNDARY: place.boundary,
    SVC_OUTPUT: place.output,
    SVC_REPORT: failures,
  };
  const end = await runProgram(process.execPath, [module], place.cwd, env, JSON.stringify(input));
  if (end.status === 0) return end;
  if (!existsSync(failures)) throw new Error(`the tool crashed:\n${end.output}`);
  return { ...end, failures: (JSON.parse(await readFile(failures, 'utf8')) as ToolReport).failures };
}

export async function runProgram(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<{ status: number | null; output: string }> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  const output: string[] = [];
  child.stdout.on('data', chunk => output.push(String(chunk)));
  child.stderr.on('data', chunk => output.push(String(chunk)));
  child.stdin.on('error', () => undefined).end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output: output.join('') };
}
