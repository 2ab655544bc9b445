import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder, BuilderPlan, PlanRequest } from '@svc/builder-kit';
import type { JsonObject, Notice, Result, ToolReport } from '@svc/contracts';
import { failed, ok } from '@svc/contracts';
import { runProgram } from './programs.ts';

type Variables = Readonly<Record<string, string>>;

export interface Ran {
  /** What all steps printed. */
  readonly printed: string;
  readonly notices: readonly Notice[];
}

export interface Built extends Ran {
  readonly plan: BuilderPlan;
  /** The service's `config.json`. */
  readonly config: JsonObject;
}

/**
 * Plans a service, runs its own `installCommand` and its steps in place, and finishes it.
 *
 * @param env variables for steps, and the `PATH` for the plan as well.
 */
export async function buildService(
  builder: Builder,
  request: PlanRequest,
  output: string,
  env: Variables = {},
): Promise<Result<Built>> {
  const before = process.env.PATH;
  process.env.PATH = env.PATH ?? before;
  const plan = await builder.plan(request).finally(() => (process.env.PATH = before));
  if (!plan.ok) return plan;
  const { service, paths } = request;
  if (service.installCommand !== undefined) await runLine(service.installCommand, paths.root, env);
  const ran = await runSteps(builder, plan.value, request, output, { env });
  if (!ran.ok) return ran;
  const finished = await builder.finish({
    service,
    plan: { builderData: plan.value.data } as never,
    view: {} as never,
    output,
    project: paths.boundary,
    publicCleanUrls: false,
  });
  if (!finished.ok) return finished;
  const config = JSON.parse(JSON.stringify(finished.value)) as JsonObject;
  return ok({ plan: plan.value, config, ...ran.value });
}

/** Runs a plan's steps in place, as the queue does in isolation. A tool that ends without a word is a mistake of ours. */
export async function runSteps(
  builder: Builder,
  { steps }: BuilderPlan,
  { paths: { boundary, root } }: PlanRequest,
  output: string,
  { env = {}, shellEnv = env }: { readonly env?: Variables; readonly shellEnv?: Variables } = {},
): Promise<Result<Ran>> {
  const notices: Notice[] = [];
  let printed = '';
  const file = join(output, 'failures.json');
  const told = { ...env, SVC_BOUNDARY: boundary, SVC_OUTPUT: output, SVC_REPORT: file };
  mkdirSync(output, { recursive: true });
  for (const { command } of steps) {
    if (command.type === 'shell') {
      printed += await runLine(command.line, root, shellEnv);
      continue;
    }
    rmSync(file, { force: true });
    const tool = [builder.tools[command.tool] ?? ''];
    const end = await runProgram(process.execPath, tool, root, told, JSON.stringify(command.input));
    printed += end.output;
    const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ToolReport) : undefined;
    if (end.status === 0) {
      notices.push(...(report?.notices ?? []));
      continue;
    }
    if (!report) throw new Error(`the tool crashed:\n${end.output}`);
    return failed(...report.failures);
  }
  return ok({ printed, notices });
}

async function runLine(line: string, cwd: string, env: Variables): Promise<string> {
  const end = await runProgram('sh', ['-c', line], cwd, env);
  if (end.status !== 0) throw new Error(`${line}:\n${end.output}`);
  return end.output;
}
