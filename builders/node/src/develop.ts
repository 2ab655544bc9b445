import type { DevelopmentPlan, DevelopmentRequest } from '@svc/builder-kit';
import { commandDevelopment } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { buildStep } from './plan/build-step.ts';
import { findEntrypoint } from './plan/entrypoint.ts';
import { planNode } from './plan/plan.ts';

/**
 * The entrypoint as it stands in the sources, TypeScript included, started again at every change; of an entrypoint that only
 * the build command makes, what that command makes of the sources every time they change. Nest starts by its own command
 * where that is installed, because its decorators want metadata that only a compiler gives.
 */
export async function developNode(request: DevelopmentRequest): Promise<Result<DevelopmentPlan>> {
  if (request.framework?.slug === 'nestjs' && hasNestCommand(request)) {
    return ok(commandDevelopment('nest start --watch'));
  }
  const planned = await planNode(request);
  if (!planned.ok) return planned;
  const configured = request.entrypoint ?? request.service.entrypoint;
  const found =
    configured === undefined
      ? await findEntrypoint(request, false)
      : ({ kind: 'source', path: configured } as const);
  if (found.kind === 'source' && request.files.includes(found.path)) return ok(fromSource(found.path));
  const build = buildStep(request);
  const { entrypoint } = planned.value;
  if (!build || entrypoint === null) {
    return failed({
      code: 'dev-command-missing',
      message: 'svc does not know which file of this Node service to start from its sources',
      help: 'Name it, "entrypoint": "src/server.ts", or the command that starts it: "devCommand": "…".',
    });
  }
  const folder = entrypoint.split('/')[0] ?? '';
  return ok({
    install: [],
    prepare: [build],
    serve: { type: 'module', file: entrypoint },
    reload: 'restart',
    generated: entrypoint.includes('/') ? [folder] : [],
  });
}

function fromSource(file: string): DevelopmentPlan {
  return { install: [], prepare: [], serve: { type: 'module', file }, reload: 'restart' };
}

function hasNestCommand({ packageJson }: DevelopmentRequest): boolean {
  return [packageJson?.dependencies, packageJson?.devDependencies].some(
    group => typeof group === 'object' && group !== null && '@nestjs/cli' in group,
  );
}
