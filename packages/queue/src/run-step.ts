import { mkdir, readFile, rm } from 'node:fs/promises';
import type { Emit, Failure, ServicePlan, Step, ToolReport } from '@svc/contracts';
import { type ChildEnd, runChild } from '@svc/process';
import { admittedVariables, neededFolders, stepEnvironment } from './environment.ts';
import { explainStep } from './explain-step.ts';
import { exists } from './folders.ts';
import type { ToolFolder, WorkingCopy } from './isolation/isolation.ts';
import { maskSecrets } from './secrets.ts';

/** Programs of builders, and the folders that must be in reach for them to load what they import. */
export interface ToolPrograms {
  /** Tool name -> absolute path of its module. */
  readonly modules: Readonly<Record<string, string>>;
  readonly folders: readonly ToolFolder[];
  /** Tool name -> absolute path of a module to load before the tool's own. */
  readonly preloads?: Readonly<Record<string, string>>;
}

export interface StepContext {
  readonly caller: Readonly<Record<string, string | undefined>>;
  readonly tools: ToolPrograms;
  readonly sourceDateEpoch: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface StepRun {
  readonly step: Step;
  readonly copy: WorkingCopy;
  /** Null for an install that several services share. */
  readonly service: ServicePlan | null;
  /** Variables of the service's declared env files. */
  readonly declared: Readonly<Record<string, string>>;
}

export interface StepEnd {
  readonly ok: boolean;
  readonly exitCode: number | null;
  readonly duration: number;
  readonly failures: readonly Failure[];
}

/** How many of a failed step's last lines its failure carries, and how many are looked through for the cause. */
const LAST_LINES = 20;
const REMEMBERED_LINES = 300;

/** Runs one step in its working copy and says how it ended; its output is told as events, secrets masked. */
export async function runStep(run: StepRun, context: StepContext): Promise<StepEnd> {
  const { step, copy, service, declared } = run;
  const { emit } = context;
  const began = performance.now();
  const last: string[] = [];
  const mask = maskSecrets(admittedVariables(context.caller, service?.env ?? null, declared));
  emit({
    type: 'step.started',
    step: step.id,
    service: step.service,
    services: step.services,
    label: step.label,
  });
  await rm(copy.report, { force: true });
  await copy.empty(step.outputs);
  const end = await runCommand(run, context, (stream, line) => {
    const masked = mask(line);
    last.push(masked);
    if (last.length > REMEMBERED_LINES) last.shift();
    emit({ type: 'step.output', step: step.id, service: step.service, stream, line: masked });
  });
  const report = await readReport(run);
  for (const notice of report.notices) emit({ type: 'warning', notice: { ...ownerOf(step), ...notice } });
  const failures = await explain(run, end, report.failures, last);
  const duration = Math.round(performance.now() - began);
  const ok = failures.length === 0;
  emit({ type: 'step.finished', step: step.id, service: step.service, ok, exitCode: end.exitCode, duration });
  return { ok, exitCode: end.exitCode, duration, failures };
}

async function runCommand(
  { step, copy, service, declared }: StepRun,
  context: StepContext,
  onLine: (stream: 'stdout' | 'stderr', line: string) => void,
): Promise<ChildEnd> {
  const { caller, tools, sourceDateEpoch, signal } = context;
  const env = stepEnvironment({
    step,
    copy,
    caller,
    admitted: service?.env ?? null,
    declared,
    sourceDateEpoch,
  });
  const needs = neededFolders(env, caller, process.execPath);
  const place = { cwd: step.cwd, network: step.network, needs };
  if (step.command.type === 'shell') {
    const wrapped = copy.wrap({ ...place, file: '/bin/sh', args: ['-c', step.command.line] });
    return runChild({ ...wrapped, env, onLine, signal });
  }
  // Only what is there can be shown to a step: a tool may be the first to put something into svc's own cache.
  if (step.network && env.SVC_CACHE_DIR) await mkdir(env.SVC_CACHE_DIR, { recursive: true });
  const module = tools.modules[step.command.tool];
  if (!module) throw new Error(`no builder brings the tool ${step.command.tool}`);
  const placeOf = (path: string) => copy.toolPath(path, tools.folders);
  const before = tools.preloads?.[step.command.tool];
  const shown = copy.wrap({
    ...place,
    file: process.execPath,
    args: [...(before === undefined ? [] : ['--import', placeOf(before)]), placeOf(module)],
    tools: tools.folders,
  });
  const told = { SVC_BOUNDARY: copy.boundary, SVC_OUTPUT: copy.output, SVC_REPORT: copy.report };
  const input = JSON.stringify(step.command.input);
  return runChild({ ...shown, env: { ...env, ...told }, input, onLine, signal });
}

function ownerOf(step: Step): { readonly service?: string } {
  const service = step.service ?? step.services[0];
  return service === undefined ? {} : { service };
}

async function explain(
  run: StepRun,
  end: ChildEnd,
  told: readonly Failure[],
  last: readonly string[],
): Promise<readonly Failure[]> {
  const owner = ownerOf(run.step);
  const violations = await run.copy.violations();
  if (end.exitCode === 0) return violations.map(violation => ({ ...owner, ...violation }));
  if (told.length > 0) return told.map(failure => ({ ...owner, ...failure }));
  const failure: Failure = {
    ...owner,
    ...explainStep(run.step, end, last),
    output: last.slice(-LAST_LINES),
  };
  return [...violations.map(violation => ({ ...owner, ...violation })), failure];
}

/** What a tool has to say beside its output; shell lines say nothing. */
async function readReport({ step, copy }: StepRun): Promise<ToolReport> {
  if (step.command.type !== 'tool' || !(await exists(copy.report))) return { failures: [], notices: [] };
  return JSON.parse(await readFile(copy.report, 'utf8')) as ToolReport;
}
