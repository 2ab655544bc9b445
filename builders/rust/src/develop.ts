import { posix } from 'node:path';
import type { DevelopmentPlan, DevelopmentRequest } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import type { BuildInput } from './input.ts';
import { planRust } from './plan/plan.ts';

/**
 * `cargo build` into the service's own folder, then the program; both again at every change. A build command of the service is
 * used in its place and leaves its program where `VERCEL_OUTPUT_FILE` says.
 */
export async function developRust(request: DevelopmentRequest): Promise<Result<DevelopmentPlan>> {
  const planned = await planRust(request);
  if (!planned.ok) return planned;
  const input = planned.value.steps
    .map(({ command }) =>
      command.type === 'tool' && command.tool === 'rust/build' ? command.input : undefined,
    )
    .find(each => each !== undefined) as BuildInput | undefined;
  const { buildCommand } = request.service;
  const own = posix.join(request.state, 'server');
  if (buildCommand !== undefined) {
    const line = `rm -f ${quoted(own)}\nexport VERCEL_OUTPUT_FILE=${quoted(own)}\n${buildCommand}`;
    return ok(developed(buildCommand, line, own));
  }
  if (!input?.program || input.isRuntimeCrate) {
    return failed({
      code: 'dev-command-missing',
      message: 'svc does not know how to run this Rust service from its sources',
      help: 'Name the command: "devCommand": "…". It has to listen on the port in PORT.',
    });
  }
  const { folder, package: name, name: program, features } = input.program;
  const target = posix.join(request.state, 'target');
  const options = [
    `--bin ${quoted(program)}`,
    `--package ${quoted(name)}`,
    ...(features.length > 0 ? [`--features ${quoted(features.join(','))}`] : []),
  ].join(' ');
  const line = `cd ${quoted(folder)} && CARGO_TARGET_DIR=${quoted(target)} cargo build ${options}`;
  return ok(developed(`cargo build --bin ${program}`, line, posix.join(target, 'debug', program)));
}

function developed(label: string, line: string, program: string): DevelopmentPlan {
  return {
    install: [],
    prepare: [{ kind: 'build', label, command: { type: 'shell', line }, network: true }],
    serve: { type: 'command', label: 'the program', line: `exec ${quoted(program)}` },
    reload: 'restart',
  };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
