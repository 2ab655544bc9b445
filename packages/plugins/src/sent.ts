import type { PlanRequest, StepDraft } from '@svc/builder-kit';
import type { SentPlanRequest } from './protocol.ts';

/** A request as it crosses the border: what its function would answer is sent along. */
export function sent<Request extends PlanRequest>(
  request: Request,
): Omit<Request, 'script'> & Pick<SentPlanRequest, 'scripts'> {
  const { script, ...rest } = request;
  const scripts = Object.fromEntries(
    scriptNames(request).flatMap(each => {
      const found = script(each);
      return found ? [[each, { line: found.line, label: found.label }]] : [];
    }),
  );
  return { ...rest, scripts };
}

/** Tools of all builders share one list of names, where a builder's own have others than it knows. */
function scriptNames({ packageJson }: PlanRequest): string[] {
  const scripts = packageJson?.scripts;
  return typeof scripts === 'object' && scripts !== null && !Array.isArray(scripts)
    ? Object.keys(scripts)
    : [];
}

export function withToolName(step: StepDraft, toolName: (tool: string) => string) {
  const { command } = step;
  return command.type === 'tool' ? { ...step, command: { ...command, tool: toolName(command.tool) } } : step;
}
