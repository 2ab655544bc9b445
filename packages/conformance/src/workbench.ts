import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assemble } from '@svc/assembler';
import type { Builder } from '@svc/builder-kit';
import { loadProject } from '@svc/config';
import type { Deployment, Emit, Result, ServicePlan, WorkingView } from '@svc/contracts';
import { failed } from '@svc/contracts';
import { planProject } from '@svc/planner';
import { foldersOfTools } from '@svc/plugins';
import { isPassedAlways, runPlan, type ToolFolder } from '@svc/queue';
import { openSources } from '@svc/sources';
import type { Fixture } from './fixture.ts';
import { CANARY, NEIGHBOUR, neighbourBuilder } from './neighbour.ts';

/** Root and name of the service under test. */
export const SERVICE = 'service';

/** Where svc's own programs are. */
export interface Places {
  readonly programs: {
    readonly launcher: string;
    readonly edgeLauncher: string;
    readonly watchdog: string;
    /** URL of the module that makes Node load TypeScript. */
    readonly typescript: string;
  };
  /** Module that gives the builder's tools the kit. */
  readonly preload: string;
  toolFolders(): readonly ToolFolder[];
}

/** A project of its own for one build. */
export interface Bench {
  /** Absolute. */
  readonly project: string;
  /** Absolute path of the deployment that a build leaves. */
  readonly target: string;
  /** Writes a file of the project; objects are written as JSON. */
  write(path: string, content: FileContent): void;
  discard(): Promise<void>;
}

type FileContent = string | Uint8Array | object;

/** Writes the fixture as the service of a project that has another one beside it. */
export async function setUp(fixture: Fixture): Promise<Bench> {
  const folder = realpathSync(await mkdtemp(join(tmpdir(), 'svc-conformance-')));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // A run of only some checks never comes to the one that tidies up.
  process.once('exit', remove);
  const project = join(folder, 'project');
  const write = (path: string, content: FileContent) => {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(join(project, path), isRaw ? content : `${JSON.stringify(content, null, 2)}\n`);
  };
  write('vercel.json', {
    services: { [SERVICE]: { root: SERVICE, ...fixture.service }, [NEIGHBOUR]: { root: NEIGHBOUR } },
    rewrites: [{ source: '/(.*)', destination: { service: SERVICE } }],
  });
  write('svc.json', {
    services: { [SERVICE]: { ...fixture.local }, [NEIGHBOUR]: { builder: NEIGHBOUR } },
  });
  write(`${NEIGHBOUR}/page.txt`, CANARY);
  write('.gitignore', 'node_modules/\n.svc/\n.vercel/\n');
  for (const [path, content] of Object.entries(fixture.around ?? {})) write(path, content);
  for (const [path, content] of Object.entries(fixture.files)) write(`${SERVICE}/${path}`, content);
  for (const path of fixture.executable ?? []) await chmod(join(project, SERVICE, path), 0o755);
  return {
    project,
    target: join(project, '.vercel', 'output'),
    write,
    async discard() {
      process.off('exit', remove);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface BuildOptions {
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
  /** On top of the fixture's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** An adapter is named by what it is to run. */
export function named<Local extends { readonly builder?: unknown }>(
  local: Local,
  { name, takes }: Builder,
): Local | (Local & { readonly builder: string }) {
  const { builder } = local;
  return typeof builder === 'string' && takes?.(builder) ? local : { ...local, builder: name };
}

/** Builds a bench's project as `svc build` does, with the builder under test for its service. */
export async function buildOn(
  bench: Bench,
  builder: Builder,
  fixture: Fixture,
  places: Places,
  options: BuildOptions = {},
): Promise<Result<Deployment>> {
  const { emit = () => undefined, signal = new AbortController().signal } = options;
  const caller = { ...process.env, [SECRET]: CANARY, ...fixture.env, ...options.env };
  const loaded = await loadProject(bench.project, { env: caller });
  if (!loaded.ok) return loaded;
  // The builder under test is named for its service, whatever it detects.
  const project = {
    ...loaded.value,
    services: loaded.value.services.map(service =>
      service.name === SERVICE ? { ...service, local: named(service.local, builder) } : service,
    ),
  };
  const sources = await openSources(project.boundary);
  const builders = [builder, neighbourBuilder];
  const plan = await planProject(project, { builders, sources, env: caller, isPassedAlways });
  if (!plan.ok) return plan;
  const finish = async (service: ServicePlan, view: WorkingView, output: string) => {
    const config = project.services.find(({ name }) => name === service.name);
    const owner = builders.find(({ name }) => name === service.builder.name);
    if (!config || !owner) throw new Error(`${service.name} is in no project`);
    const finished = await owner.finish({
      service: config,
      plan: service,
      view,
      output,
      project: project.directory,
      publicCleanUrls: false,
    });
    if (finished.ok)
      await writeFile(join(output, 'config.json'), `${JSON.stringify(finished.value, null, 2)}\n`);
    return finished;
  };
  const run = await runPlan({
    ...{
      project,
      plan: plan.value,
      sources,
      caller,
      declared: {},
      concurrency: 2,
      isolation: 'auto',
      force: false,
    },
    tools: {
      modules: builder.tools,
      folders: [...foldersOfTools(builder.tools), ...places.toolFolders()],
      preloads: Object.fromEntries(Object.keys(builder.tools).map(tool => [tool, places.preload])),
    },
    ...{ target: bench.target, selected: project.services.map(({ name }) => name), hasPrevious: () => false },
    ...{ finish, emit, signal },
  });
  if (!run.ok) return run;
  try {
    const failures = run.value.services.flatMap(service => service.failures);
    if (failures.length > 0 || signal.aborted) return failed(...failures);
    const deployment = await assemble({
      ...{ project, plan: plan.value, kept: [], target: bench.target, tools: {}, timings: {} },
      outputs: run.value.services.flatMap(({ name, output }) =>
        output ? [{ service: name, directory: output }] : [],
      ),
    });
    if (deployment.ok) await deployment.value.previousGone;
    return deployment;
  } finally {
    await run.value.cleanUp();
  }
}

/** A variable of the caller that nothing may receive. */
const SECRET = 'SVC_CONFORMANCE_SECRET';

/** What a `Result` failed with, one line each, for messages of checks. */
export function told(result: Result<unknown>): string {
  if (result.ok) return 'nothing failed';
  const lines = result.failures.flatMap(({ code, message, help, output }) => [
    `[${code}] ${message}`,
    ...(help === undefined ? [] : [`  ${help}`]),
    ...(output ?? []).map(line => `  | ${line}`),
  ]);
  return lines.join('\n') || 'it was cancelled';
}
