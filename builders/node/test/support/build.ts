import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlanRequest } from '@svc/builder-kit';
import {
  bundleTools,
  planRequest as requestOf,
  runSteps,
  type ServiceFixture,
} from '@svc/builder-kit/test-support';
import type { JsonObject, Result } from '@svc/contracts';
import { build } from 'esbuild';
import { nodeBuilder } from '../../src/index.ts';

export interface Programs {
  readonly folder: string;
  readonly bundleTool: string;
  readonly launcher: string;
}

/**
 * Bundles the tool and the launcher as they ship: a file each, native parts outside. They lie in a new folder under this
 * package, from where the outside parts are found; the caller removes `folder`.
 */
export async function bundlePrograms(): Promise<Programs> {
  const tools = await bundleTools(fileURLToPath(new URL('../..', import.meta.url)), ['bundle'], {
    external: ['esbuild', '@vercel/nft', 'oxc-transform'],
    mainFields: ['module', 'main'],
  });
  const launcher = join(tools.folder, 'launcher.mjs');
  const source = fileURLToPath(new URL('launcher.ts', import.meta.url));
  const common = { bundle: true, platform: 'node', format: 'esm', target: 'node20' } as const;
  await build({ ...common, entryPoints: [source], outfile: launcher });
  return { folder: tools.folder, bundleTool: tools.bundle, launcher };
}

/** What the planner would ask for a service below `boundary`. */
export function planRequest(boundary: string, fixture: ServiceFixture): PlanRequest {
  const kind = { runtime: 'node', generated: /node_modules\//, positions: {} };
  const manifest = join(boundary, fixture.root, 'package.json');
  const packageJson = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as JsonObject)
    : null;
  return {
    ...requestOf(boundary, fixture, kind),
    packageJson,
    script: name => {
      const line = (packageJson?.scripts as Record<string, string> | undefined)?.[name];
      return line === undefined ? undefined : { line, label: `npm run ${name}` };
    },
  };
}

/** Plans a service and runs its steps in place, as the queue does in isolation. The value is the output's folder. */
export async function buildService(
  programs: Programs,
  boundary: string,
  output: string,
  fixture: ServiceFixture,
): Promise<Result<string>> {
  const builder = nodeBuilder({ bundle: programs.bundleTool });
  const request = planRequest(boundary, fixture);
  const plan = await builder.plan(request);
  if (!plan.ok) return plan;
  const folders = [request.paths.root, boundary].map(folder => join(folder, 'node_modules/.bin'));
  const shellEnv = { PATH: [...folders, process.env.PATH].join(':') };
  const ran = await runSteps(builder, plan.value, request, output, { shellEnv });
  return ran.ok ? { ok: true, value: output } : ran;
}
