import type { PlanRequest, StepDraft } from '@svc/builder-kit';

/** Scripts that stand for the build command, the vendor's names first (section 4 of the services reference). */
const SCRIPTS = ['vercel-build', 'now-build', 'build'] as const;

/** The service's build command, else the script of that name; `undefined` when there is neither. */
export function buildStep(request: PlanRequest): StepDraft | undefined {
  const configured = request.service.buildCommand;
  if (configured !== undefined) return shell(configured, configured);
  for (const name of SCRIPTS) {
    const script = request.script(name);
    if (script) return shell(script.line, script.label);
  }
  return undefined;
}

function shell(line: string, label: string): StepDraft {
  return { kind: 'build', label, command: { type: 'shell', line } };
}
