import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StepDraft } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result, type ToolReport } from '@svc/contracts';
import { describeEnd } from '@svc/runtime';
import type { LastLines } from './last-lines.ts';

/** Programs that steps name as tools. */
export interface StepTools {
  /** Tool name -> absolute path of its module. */
  readonly modules: Readonly<Record<string, string>>;
  /** Tool name -> absolute path of a module that Node loads before it. */
  readonly preloads: Readonly<Record<string, string>>;
}

export interface StepPlace {
  /** Absolute path of the folder it runs in. */
  readonly cwd: string;
  readonly boundary: string;
  /** Absolute path of the service's own folder. */
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tools: StepTools;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
  readonly pace?: () => number;
  readonly lines: LastLines;
  readonly signal: AbortSignal;
  /** The mark that everything of this run carries. */
  readonly mark: Readonly<Record<string, string>>;
}

/** Runs one step in place. Fails with what a tool says of itself, else with the last lines of its output. */
export async function runDraft(
  { label, command, kind, env }: Pick<StepDraft, 'label' | 'command' | 'env'> & { readonly kind: string },
  place: StepPlace,
): Promise<Result<void>> {
  const { runChild } = await import('@svc/process');
  await mkdir(place.state, { recursive: true });
  const report = join(place.state, 'report.json');
  rmSync(report, { force: true });
  const { cwd, onLine, signal } = place;
  const told = { SVC_BOUNDARY: place.boundary, SVC_OUTPUT: place.state, SVC_REPORT: report };
  const common = { cwd, onLine, signal, ...(place.pace ? { pace: place.pace } : {}) };
  const variables = { ...place.env, ...env, ...place.mark };
  const end = await (command.type === 'shell'
    ? runChild({ ...common, file: '/bin/sh', args: ['-c', command.line], env: variables })
    : runChild({
        ...common,
        file: process.execPath,
        args: toolArguments(place.tools, command.tool),
        env: { ...variables, ...told },
        input: JSON.stringify(command.input),
      }));
  if (end.exitCode === 0) return ok(undefined);
  const output = [...place.lines.last];
  const said = readReport(report);
  if (said.length > 0) return failed(...said.map(failure => ({ output, ...failure })));
  const code = kind === 'install' ? 'install-failed' : 'build-failed';
  return failed({ code, message: `"${label}" did not succeed: ${describeEnd(end)}`, output });
}

function toolArguments({ modules, preloads }: StepTools, name: string): string[] {
  const module = modules[name];
  if (module === undefined) throw new Error(`no builder brings the tool ${name}`);
  const before = preloads[name];
  return [...(before === undefined ? [] : ['--import', pathToFileURL(before).href]), module];
}

function readReport(file: string): readonly Failure[] {
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as ToolReport).failures;
}
