import { posix } from 'node:path';
import type { DevelopmentPlan, DevelopmentRequest } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import type { BuildInput } from './input.ts';
import { planGo } from './plan/plan.ts';

/**
 * `go build` into the service's own folder, then the program; both again at every change. Go's own cache makes that quick.
 * A build command of the service is used in its place and leaves its program where `VERCEL_OUTPUT_FILE` says.
 */
export async function developGo(request: DevelopmentRequest): Promise<Result<DevelopmentPlan>> {
  const planned = await planGo(request);
  if (!planned.ok) return planned;
  const input = planned.value.steps
    .map(({ command }) =>
      command.type === 'tool' && command.tool === 'go/build' ? command.input : undefined,
    )
    .find(each => each !== undefined) as BuildInput | undefined;
  if (!input) {
    return failed({ code: 'dev-command-missing', message: 'this Go service has no step that builds it' });
  }
  const program = quoted(posix.join(request.state, 'server'));
  const { buildCommand } = request.service;
  const line =
    buildCommand === undefined
      ? goBuild(input, program)
      : `rm -f ${program}\nexport VERCEL_OUTPUT_FILE=${program}\n${buildCommand}`;
  const label = buildCommand ?? `go build ./${input.package === '.' ? '' : (input.package ?? '')}`;
  return ok({
    install: [],
    prepare: [{ kind: 'build', label, command: { type: 'shell', line }, network: true }],
    serve: { type: 'command', label: 'the program', line: `exec ${program}` },
    reload: 'restart',
  });
}

/** Go looks for its module from where it runs. */
function goBuild({ module, package: folder }: BuildInput, program: string): string {
  const target = posix.relative(module.folder, folder ?? '.');
  return `cd ${quoted(module.folder)} && go build -o ${program} ${quoted(`./${target}`)}`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
