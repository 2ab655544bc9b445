import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Builder, BuilderPlan } from '@svc/builder-kit';
import { functionFolder } from '@svc/builder-kit';
import type { Result } from '@svc/contracts';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Built, buildService } from './build-service.ts';
import { type Files, writeFiles } from './files.ts';
import type { Running } from './launch.ts';
import { type Kind, planRequest, type ServiceFixture } from './plan-request.ts';
import { bundleTools, type Tools } from './programs.ts';

/** What the tests of a builder say about it. */
export interface Language<Tool extends string> extends Kind {
  /** Absolute path of the builder's package. */
  readonly location: string;
  /** Names of the modules in its `src/tools`. */
  readonly tools: readonly Tool[];
  /** Extension of sources that it ships as they are, such as `.go`. */
  readonly shipped: `.${string}`;
  builder(tools: Tools<Tool>): Builder;
  /** Name of the function that a plan makes. */
  functionName(plan: BuilderPlan): string;
}

export interface BuiltFunction extends Built {
  /** Absolute path of the function's folder. */
  readonly function: string;
}

export interface Project {
  readonly boundary: string;
  write(files: Files): void;
  plan(fixture?: Partial<ServiceFixture>): Promise<Result<BuilderPlan>>;
  build(
    fixture?: Partial<ServiceFixture>,
    env?: Readonly<Record<string, string>>,
  ): Promise<Result<BuiltFunction>>;
  /** Builds what must be buildable. */
  built(fixture?: Partial<ServiceFixture>, env?: Readonly<Record<string, string>>): Promise<BuiltFunction>;
}

/**
 * Temporary projects and running functions, all gone when their test is over.
 *
 * @param launch starts a function.
 */
export function workshopOf<Tool extends string, Options extends readonly unknown[]>(
  language: Language<Tool>,
  launch: (folder: string, ...options: Options) => Promise<Running>,
) {
  let tools: Tools<Tool>;
  const folders: string[] = [];
  const running: Running[] = [];
  beforeAll(async () => {
    const loader = { [language.shipped]: 'text' } as const;
    tools = await bundleTools(language.location, language.tools, { loader });
  });
  afterAll(() => rm(tools.folder, { recursive: true, force: true }));
  afterEach(async () => {
    await Promise.all(running.splice(0).map(each => each.stop()));
    await Promise.all(folders.splice(0).map(folder => rm(folder, { recursive: true, force: true })));
  });
  return {
    async project(files: Files): Promise<Project> {
      const base = await mkdtemp(join(tmpdir(), `svc-${language.runtime}-`));
      folders.push(base);
      const boundary = join(base, 'project');
      let outputs = 0;
      writeFiles(boundary, files);
      const request = (fixture: Partial<ServiceFixture> = {}) =>
        planRequest(boundary, { root: '.', ...fixture }, language);
      const build: Project['build'] = async (fixture, env) => {
        const output = join(base, `output-${outputs++}`);
        const made = await buildService(language.builder(tools), request(fixture), output, env);
        if (!made.ok) return made;
        const name = language.functionName(made.value.plan);
        return { ok: true, value: { ...made.value, function: functionFolder(output, name) } };
      };
      return {
        boundary,
        write: more => writeFiles(boundary, more),
        plan: fixture => language.builder(tools).plan(request(fixture)),
        build,
        async built(fixture, env) {
          const result = await build(fixture, env);
          if (!result.ok) throw new Error(JSON.stringify(result.failures, null, 2));
          return result.value;
        },
      };
    },
    /** Copies a function elsewhere and starts it there. */
    async start(folder: string, ...options: Options): Promise<Running> {
      const started = await launch(folder, ...options);
      running.push(started);
      return started;
    },
  };
}
