import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Builder } from '@svc/builder-kit';
import { staticBuilder } from '@svc/builder-static';
import type { JsonObject, Plan, Project, Result, ServiceConfig, ServicePlan } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { isPassedAlways } from '@svc/queue';
import { openSources } from '@svc/sources';
import { afterEach } from 'vitest';
import { type PlanOptions, planProject } from '../../src/index.ts';

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

export type Files = Readonly<Record<string, string | JsonObject>>;

/** A folder of the given files; objects are written as JSON. */
export function tree(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'svc-planner-'));
  roots.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  return root;
}

export function gitInit(root: string): void {
  execFileSync('git', ['init', '-q'], { cwd: root });
}

type Entry = Partial<Omit<ServiceConfig, 'local'>> & { readonly local?: Partial<ServiceConfig['local']> };

/** A project as `config` hands it over, from services written shortly. */
export function projectOf(directory: string, services: Readonly<Record<string, Entry>>): Project {
  return {
    version: 1,
    directory,
    boundary: directory,
    configFile: 'vercel.json',
    kind: 'services',
    services: Object.entries(services).map(([name, { local, ...entry }], index) => ({
      name,
      root: '.',
      bindings: [],
      functions: {},
      routes: [],
      local: { env: [], envFiles: [], inputs: [], ...local },
      declared: entry as JsonObject,
      positions: Object.fromEntries(
        ['name', ...Object.keys(entry)].map((field, line) => [
          field,
          { file: 'vercel.json', line: 10 * index + line + 1, column: 5 },
        ]),
      ),
      ...entry,
    })),
    public: { routes: [], rules: [], crons: [] },
    warnings: [],
  };
}

/**
 * A builder for Node that is simple enough to predict: `server.*`, `index.*` or `app.*` in the root or in `src` is the
 * entrypoint if it mentions a handler or a server.
 */
export const nodeBuilder: Builder = {
  name: 'node',
  version: 'test',
  runtimes: ['node'],
  tools: {},
  async plan(request) {
    const { readFileSync } = await import('node:fs');
    const usual = request.files.filter(file =>
      /^(?:src\/)?(?:server|index|app|main)\.[cm]?[jt]s$/.test(file),
    );
    const found = usual.find(file =>
      /export default|module\.exports|listen\(|NestFactory/.test(
        readFileSync(join(request.paths.root, file), 'utf8'),
      ),
    );
    const entrypoint = request.entrypoint ?? found;
    if (entrypoint === undefined) {
      return failed({ code: 'entrypoint-not-found', message: 'no program found' });
    }
    const line = request.service.buildCommand;
    const script = request.script('build');
    const build = line === undefined ? script : { line, label: line };
    return ok({
      entrypoint,
      outputDirectory: null,
      steps: [
        ...(build
          ? [
              {
                kind: 'build' as const,
                label: build.label,
                command: { type: 'shell' as const, line: build.line },
              },
            ]
          : []),
        {
          kind: 'bundle' as const,
          label: `bundle ${entrypoint}`,
          command: { type: 'tool' as const, tool: 'bundle', input: { entrypoint } },
        },
      ],
      caches: [],
      data: {},
      warnings: [],
    });
  },
  finish: async () => ok({ version: 3 }),
};

export const builders: readonly Builder[] = [staticBuilder, nodeBuilder];

export async function plan(
  directory: string,
  services: Readonly<Record<string, Entry>>,
  options: Partial<Omit<PlanOptions, 'sources'>> = {},
): Promise<Result<Plan>> {
  const sources = await openSources(directory);
  return planProject(projectOf(directory, services), {
    builders,
    env: {},
    isPassedAlways,
    ...options,
    sources,
  });
}

export async function planOk(
  directory: string,
  services: Readonly<Record<string, Entry>>,
  options: Partial<Omit<PlanOptions, 'sources'>> = {},
): Promise<Plan> {
  const result = await plan(directory, services, options);
  if (!result.ok) throw new Error(JSON.stringify(result.failures, null, 2));
  return result.value;
}

/** Plans one service named `it` whose root is the whole tree. */
export async function planOne(
  files: Files,
  entry: Entry = {},
  options: Partial<PlanOptions> = {},
): Promise<ServicePlan> {
  const { services } = await planOk(tree(files), { it: entry }, options);
  const [service] = services;
  if (!service) throw new Error('no service was planned');
  return service;
}

/** The failures of planning one service named `it`. */
export async function failuresOf(files: Files, entry: Entry = {}, options: Partial<PlanOptions> = {}) {
  const result = await plan(tree(files), { it: entry }, options);
  return result.ok ? [] : result.failures;
}
