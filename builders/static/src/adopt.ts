import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { FinishRequest } from '@svc/builder-kit';
import { mergeRoutes } from '@svc/builder-kit';
import type { Failure, Result, ServiceOutputConfig } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { isWithin, type OutputEntry, walkOutput } from './output-tree.ts';

export interface Adopted {
  readonly config: ServiceOutputConfig;
  /** What is in `static/`. */
  readonly files: readonly OutputEntry[];
}

/**
 * Takes over Build Output v3 that the service's own build has written to `.vercel/output` in its root (Nitro, Nuxt,
 * SvelteKit, Astro with an adapter): static files, functions and configuration. `undefined` when there is none.
 * That folder is never part of the sources, so what is found there is of this build. A whole deployment (with
 * `services`) is not a service's output: it is what svc or the vendor left in a project's folder.
 */
export async function adoptBuildOutput(request: FinishRequest): Promise<Result<Adopted> | undefined> {
  const { view, plan, service, output } = request;
  const from = posix.join(plan.directory, '.vercel/output');
  const file = await view.locate(posix.join(from, 'config.json'));
  const config = file === undefined ? undefined : parse(await readFile(file, 'utf8'));
  if (config === undefined || config.version !== 3 || Array.isArray(config.services)) return undefined;

  await view.copy(from, output);
  await Promise.all([rm(join(output, 'config.json')), rm(join(output, 'builds.json'), { force: true })]);
  const failures = await materialiseFunctions(request);
  if (failures.length > 0) return failed(...failures);
  return ok({
    config: { ...config, version: 3, routes: mergeRoutes(service.routes, config.routes ?? []) },
    files: await walkOutput(join(output, 'static')),
  });
}

function parse(text: string): ServiceOutputConfig | undefined {
  try {
    return JSON.parse(text) as ServiceOutputConfig;
  } catch {
    return undefined;
  }
}

/** Functions may name files of the repository (`filePathMap`) instead of holding them: those are copied in. */
async function materialiseFunctions(request: FinishRequest): Promise<Failure[]> {
  const functions = join(request.output, 'functions');
  const configs = (await walkOutput(functions)).filter(
    ({ path, isLink }) => !isLink && /\.func\/\.vc-config\.json$/.test(path),
  );
  const failures = await Promise.all(
    configs.map(({ path }) => materialise(request, path, join(functions, dirname(path)))),
  );
  return failures.flat();
}

async function materialise(
  { view, service }: FinishRequest,
  path: string,
  folder: string,
): Promise<Failure[]> {
  const file = join(folder, '.vc-config.json');
  const { filePathMap, ...config } = parseConfig(await readFile(file, 'utf8'));
  if (filePathMap === undefined) return [];
  const missing: string[] = [];
  for (const [target, source] of Object.entries(filePathMap)) {
    const inside = isWithin('.', posix.normalize(target)) && !posix.normalize(target).startsWith('..');
    const original =
      inside && !source.startsWith('/') ? await view.locate(posix.normalize(source)) : undefined;
    if (original === undefined) missing.push(source);
    else {
      await mkdir(dirname(join(folder, target)), { recursive: true });
      await copyFile(original, join(folder, target));
    }
  }
  if (missing.length === 0) {
    await writeFile(file, JSON.stringify(config, null, 2));
    return [];
  }
  return [
    {
      code: 'output-escapes',
      service: service.name,
      message: `the function ${dirname(path)} that the build of service "${service.name}" wrote refers to ${missing[0]}, which is not in the project`,
      help: 'Have the framework copy what its functions need into .vercel/output (the vendor calls this standalone).',
    },
  ];
}

interface FunctionConfig {
  readonly filePathMap?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

function parseConfig(text: string): FunctionConfig {
  return JSON.parse(text) as FunctionConfig;
}
