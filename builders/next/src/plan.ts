import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { BuilderPlan, PlanRequest } from '@svc/builder-kit';
import { planPackage } from '@svc/builder-vercel';
import { type Failure, failed, type Notice, ok, type Result, type ServiceConfig } from '@svc/contracts';

/**
 * Plans a Next.js service. Failures: `framework-not-installed` when no package.json in the root or above it depends on Next.js.
 */
export async function planNext(request: PlanRequest): Promise<Result<BuilderPlan>> {
  if (!(await dependsOnNext(request))) return failed(notInstalled(request));
  const plan = planPackage(request, {
    name: '@vercel/next',
    wanted: null,
    tools: { install: 'next/install', build: 'next/build' },
    network: false,
    // What `next build` keeps for the next build.
    caches: [posix.join(request.service.outputDirectory ?? '.next', 'cache')],
  });
  return ok({ ...plan, warnings: unusedSettings(request.service) });
}

/** A workspace may list it in the package.json of its root. */
async function dependsOnNext({ directory, paths, packageJson }: PlanRequest): Promise<boolean> {
  if (lists(packageJson)) return true;
  const depth = directory === '.' ? 0 : directory.split('/').length;
  for (let up = 1; up <= depth; up++) {
    const text = await readFile(join(paths.root, '../'.repeat(up), 'package.json'), 'utf8').catch(() => '{}');
    if (lists(parse(text))) return true;
  }
  return false;
}

function lists(manifest: unknown): boolean {
  if (typeof manifest !== 'object' || manifest === null) return false;
  const { dependencies, devDependencies, peerDependencies } = manifest as Readonly<
    Record<string, object | undefined>
  >;
  return [dependencies, devDependencies, peerDependencies].some(
    group => group && ('next' in group || 'blitz' in group),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function notInstalled({ service, packageJson }: PlanRequest): Failure {
  const file = service.root === '.' ? 'package.json' : `${service.root}/package.json`;
  const position = packageJson ? { position: { file, line: 1, column: 1 } } : {};
  return {
    code: 'framework-not-installed',
    message: packageJson
      ? `service "${service.name}" is a Next.js app, but ${file} does not depend on "next"`
      : `service "${service.name}" is a Next.js app, but there is no ${file}`,
    help: `Run \`npm install next react react-dom\` in ${service.root}, and commit package.json and the lockfile.`,
    ...position,
  };
}

/** Next.js says itself which files its functions hold, and the vendor's builder leaves it at that. */
function unusedSettings(service: ServiceConfig): Notice[] {
  return Object.entries(service.functions).flatMap(([key, settings]) => {
    const setting = (['includeFiles', 'excludeFiles'] as const).find(name => settings[name] !== undefined);
    if (setting === undefined) return [];
    const option = setting === 'includeFiles' ? 'outputFileTracingIncludes' : 'outputFileTracingExcludes';
    const position = service.positions[`functions.${key}`];
    return [
      {
        code: 'functions-setting-unused',
        message: `"${setting}" of "${key}" in functions of ${service.name} has no effect on a Next.js app`,
        help: `Write it as "${option}" in the configuration of Next.js.`,
        ...(position ? { position } : {}),
      },
    ];
  });
}
