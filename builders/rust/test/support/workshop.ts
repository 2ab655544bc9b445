import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuilderPlan, PlanRequest } from '@svc/builder-kit';
import type { JsonObject, Notice, Result, ServiceConfig, ToolReport } from '@svc/contracts';
import { ok } from '@svc/contracts';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { rustBuilder } from '../../src/index.ts';

export type Files = Readonly<Record<string, string>>;

export interface ServiceFixture extends Partial<Omit<ServiceConfig, 'name'>> {
  readonly root: string;
  /** Roots of other services inside this one's, relative to the project. */
  readonly otherRoots?: readonly string[];
}

export interface Built {
  readonly plan: BuilderPlan;
  /** Absolute path of the function's folder. */
  readonly function: string;
  readonly config: JsonObject;
  readonly notices: readonly Notice[];
}

export interface Project {
  readonly boundary: string;
  plan(fixture?: Partial<ServiceFixture>): Promise<Result<BuilderPlan>>;
  build(fixture?: Partial<ServiceFixture>, env?: Readonly<Record<string, string>>): Promise<Result<Built>>;
  /** Builds what must be buildable. */
  built(fixture?: Partial<ServiceFixture>): Promise<Built>;
}

export interface Running {
  readonly origin: string;
  /** Types of the messages that the function has sent so far. */
  readonly messages: readonly string[];
  stop(): Promise<void>;
}

/** On a machine without Rust the tests that compile are skipped, but never where CI is to vouch for them. */
export const WITHOUT_RUST = spawnSync('cargo', ['--version']).status !== 0 && (process.env.CI ?? '') === '';

const here = dirname(fileURLToPath(import.meta.url));

/** Temporary projects and running functions, all gone when their test is over. */
export function workshop() {
  let tools = { fetch: '', build: '', folder: '' };
  const folders: string[] = [];
  const running: Running[] = [];
  beforeAll(async () => {
    tools = await bundleTools();
  });
  afterAll(() => rm(tools.folder, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()));
    await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
  });
  return {
    async project(files: Files): Promise<Project> {
      const base = await mkdtemp(join(tmpdir(), 'svc-rust-'));
      folders.push(base);
      const boundary = join(base, 'project');
      let outputs = 0;
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(boundary, path)), { recursive: true });
        writeFileSync(join(boundary, path), text);
      }
      const build: Project['build'] = (fixture = {}, env = {}) =>
        buildService(tools, boundary, join(base, `output-${outputs++}`), { root: '.', ...fixture }, env);
      return {
        boundary,
        plan: fixture => rustBuilder(tools).plan(planRequest(boundary, { root: '.', ...fixture })),
        build,
        async built(fixture) {
          const result = await build(fixture);
          if (!result.ok) throw new Error(JSON.stringify(result.failures, null, 2));
          return result.value;
        },
      };
    },
    /** Copies a function elsewhere and starts it there: its own program with `PORT`, or the platform's with a socket. */
    async start(
      folder: string,
      program: 'user-server' | 'executable' = 'user-server',
      env: Readonly<Record<string, string>> = {},
    ): Promise<Running> {
      const started = await launch(folder, program, env);
      running.push(started);
      return started;
    },
  };
}

async function bundleTools() {
  mkdirSync(join(here, '../../dist'), { recursive: true });
  const folder = await mkdtemp(join(here, '../../dist/test-'));
  await build({
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    loader: { '.rs': 'text' },
    banner: {
      js: `import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);`,
    },
    entryPoints: ['fetch', 'build'].map(name => join(here, `../../src/tools/${name}.ts`)),
    outdir: folder,
  });
  return { folder, fetch: join(folder, 'fetch.mjs'), build: join(folder, 'build.mjs') };
}

function planRequest(boundary: string, { otherRoots = [], ...fixture }: ServiceFixture): PlanRequest {
  const root = join(boundary, fixture.root);
  const service: ServiceConfig = {
    name: 'api',
    bindings: [],
    functions: {},
    routes: [],
    local: { env: [], envFiles: [], inputs: [] },
    declared: {},
    positions: { root: { file: 'vercel.json', line: 2, column: 5 } },
    ...fixture,
  };
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(path => !/^(?:\.svc-rust|target)\//.test(path))
    .filter(path => !otherRoots.some(other => join(fixture.root, path).startsWith(`${other}/`)))
    .sort();
  return {
    service,
    directory: fixture.root,
    paths: { boundary, root },
    framework: null,
    runtime: 'rust',
    entrypoint: service.entrypoint ?? null,
    handler: null,
    files,
    otherRoots,
    packageManager: null,
    packageJson: null,
    script: () => undefined,
  };
}

async function buildService(
  tools: { readonly fetch: string; readonly build: string },
  boundary: string,
  output: string,
  fixture: ServiceFixture,
  env: Readonly<Record<string, string>>,
): Promise<Result<Built>> {
  const builder = rustBuilder(tools);
  const request = planRequest(boundary, fixture);
  const plan = await builder.plan(request);
  if (!plan.ok) return plan;
  const cwd = join(boundary, fixture.root);
  mkdirSync(output, { recursive: true });
  const failures = join(output, 'failures.json');
  const notices: Notice[] = [];
  const told = { ...env, SVC_BOUNDARY: boundary, SVC_OUTPUT: output, SVC_REPORT: failures };
  for (const { command } of plan.value.steps) {
    rmSync(failures, { force: true });
    if (command.type === 'shell') {
      const end = await run('sh', ['-c', command.line], cwd, env);
      if (end.status !== 0) throw new Error(`${command.line}:\n${end.output}`);
      continue;
    }
    const end = await run(
      process.execPath,
      [builder.tools[command.tool] ?? ''],
      cwd,
      told,
      JSON.stringify(command.input),
    );
    if (existsSync(failures)) notices.push(...reportIn(failures).notices);
    if (end.status === 0) continue;
    if (!existsSync(failures)) throw new Error(`the tool crashed:\n${end.output}`);
    return { ok: false, failures: reportIn(failures).failures };
  }
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
  return ok({
    plan: plan.value,
    function: join(output, 'functions', plan.value.data.isRuntimeCrate ? 'index.func' : 'rust.func'),
    config,
    notices,
  });
}

function reportIn(file: string): ToolReport {
  return JSON.parse(readFileSync(file, 'utf8')) as ToolReport;
}

export async function run(
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

async function launch(
  folder: string,
  program: 'user-server' | 'executable',
  env: Readonly<Record<string, string>>,
): Promise<Running> {
  const base = mkdtempSync(join(tmpdir(), 'svc-fn-'));
  const copy = join(base, 'function');
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  const messages: string[] = [];
  const server = createServer();
  const byMessage = new Promise<number>(resolve => {
    server.on('connection', socket => {
      let text = '';
      socket.setEncoding('utf8').on('data', chunk => {
        const parts = (text + chunk).split('\0');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const { type, payload } = JSON.parse(part) as { type: string; payload: { httpPort: number } };
          messages.push(type);
          if (type === 'server-started') resolve(payload.httpPort);
        }
      });
    });
  });
  const ipc = join(base, 'ipc.sock');
  server.listen(ipc);
  const isBridge = program === 'executable';
  const port = await freePort();
  const child = spawn(join(copy, program), [], {
    cwd: copy,
    env: { ...env, ...(isBridge ? { VERCEL_IPC_PATH: ipc } : { PORT: String(port) }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output: string[] = [];
  child.stdout.on('data', chunk => output.push(String(chunk)));
  child.stderr.on('data', chunk => output.push(String(chunk)));
  const ended = once(child, 'close');
  const stop = async () => {
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await ended;
    server.close();
    rmSync(base, { recursive: true, force: true });
  };
  const ready = isBridge ? byMessage : answering(port, ended);
  const answered = await Promise.race([ready, ended.then(() => undefined)]);
  if (answered === undefined) {
    await stop();
    throw new Error(`the function did not start:\n${output.join('')}`);
  }
  return { origin: `http://127.0.0.1:${answered}`, messages, stop };
}

/** Asks until somebody answers on the port. */
async function answering(port: number, ended: Promise<unknown>): Promise<number> {
  const isOver = AbortSignal.timeout(30_000);
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: isOver }).catch(() => undefined);
    if (answer) return port;
    isOver.throwIfAborted();
  }
  throw new Error('the program ended before it answered');
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
