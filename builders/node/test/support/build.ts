import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlanRequest } from '@svc/builder-kit';
import type { Failure, JsonObject, Result, ServiceConfig, ToolReport } from '@svc/contracts';
import { build } from 'esbuild';
import { nodeBuilder } from '../../src/index.ts';

export type Files = Readonly<Record<string, string>>;

export interface Programs {
  readonly folder: string;
  readonly bundleTool: string;
  readonly launcher: string;
}

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Bundles the tool and the launcher as they ship: a file each, native parts outside. They lie in a new folder under this
 * package, from where the outside parts are found; the caller removes `folder`.
 */
export async function bundlePrograms(): Promise<Programs> {
  mkdirSync(join(here, '../../dist'), { recursive: true });
  const folder = await mkdtemp(join(here, '../../dist/test-'));
  const programs = {
    folder,
    bundleTool: join(folder, 'bundle.mjs'),
    launcher: join(folder, 'launcher.mjs'),
  };
  const common = { bundle: true, platform: 'node', format: 'esm', target: 'node20' } as const;
  await build({
    ...common,
    entryPoints: [join(here, '../../src/tools/bundle.ts')],
    outfile: programs.bundleTool,
    external: ['esbuild', '@vercel/nft', 'oxc-transform'],
    mainFields: ['module', 'main'],
    banner: {
      js: `import { createRequire as __createRequire } from "node:module";const require = __createRequire(import.meta.url);`,
    },
  });
  await build({ ...common, entryPoints: [join(here, 'launcher.ts')], outfile: programs.launcher });
  return programs;
}

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
}

/** What the planner would ask for a service below `boundary`. */
export function planRequest(boundary: string, fixture: ServiceFixture): PlanRequest {
  const { slug, ...fields } = fixture;
  const root = join(boundary, fixture.root);
  const manifest = join(root, 'package.json');
  const packageJson = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as JsonObject)
    : null;
  const service: ServiceConfig = {
    name: 'api',
    bindings: [],
    functions: {},
    routes: [],
    local: { env: [], envFiles: [], inputs: [] },
    declared: {},
    positions: {},
    ...fields,
  };
  return {
    service,
    directory: fixture.root,
    paths: { boundary, root },
    framework: slug
      ? { slug, name: slug, buildCommand: null, outputDirectory: null, cachePattern: null, envPrefix: null }
      : null,
    runtime: 'node',
    entrypoint: service.entrypoint ?? null,
    handler: null,
    files: sourceFiles(root),
    packageManager: null,
    packageJson,
    otherRoots: [],
    script: name => {
      const line = (packageJson?.scripts as Record<string, string> | undefined)?.[name];
      return line === undefined ? undefined : { line, label: `npm run ${name}` };
    },
  };
}

function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(path => !path.includes('node_modules/'))
    .sort();
}

/** Plans a service and runs its steps in place, as the queue does in isolation. The value is the output's folder. */
export async function buildService(
  programs: Programs,
  boundary: string,
  output: string,
  fixture: ServiceFixture,
): Promise<Result<string>> {
  const builder = nodeBuilder({ bundle: programs.bundleTool });
  const plan = await builder.plan(planRequest(boundary, fixture));
  if (!plan.ok) return plan;
  const cwd = join(boundary, fixture.root);
  for (const step of plan.value.steps) {
    const { command } = step;
    if (command.type === 'shell') {
      const run = await runProgram('sh', ['-c', command.line], cwd, { PATH: searchPath(boundary, cwd) });
      if (run.status !== 0) throw new Error(`${command.line}:\n${run.output}`);
    } else {
      const failed = await runTool(builder.tools[command.tool] ?? '', command.input, {
        boundary,
        cwd,
        output,
      });
      if (failed) return { ok: false, failures: failed };
    }
  }
  return { ok: true, value: output };
}

function searchPath(boundary: string, cwd: string): string {
  return `${join(cwd, 'node_modules/.bin')}:${join(boundary, 'node_modules/.bin')}:${process.env.PATH}`;
}

async function runTool(
  module: string,
  input: JsonObject,
  place: { boundary: string; cwd: string; output: string },
): Promise<readonly Failure[] | undefined> {
  mkdirSync(place.output, { recursive: true });
  const failures = join(place.output, 'failures.json');
  const env = { SVC_BOUNDARY: place.boundary, SVC_OUTPUT: place.output, SVC_REPORT: failures };
  const run = await runProgram(process.execPath, [module], place.cwd, env, JSON.stringify(input));
  if (run.status === 0) return undefined;
  if (!existsSync(failures)) throw new Error(`the tool crashed:\n${run.output}`);
  return (JSON.parse(readFileSync(failures, 'utf8')) as ToolReport).failures;
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
  // A program that ends before it has read its input is judged by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output: output.join('') };
}
