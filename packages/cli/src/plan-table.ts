import type { Plan, Project, ServicePlan, Step } from '@svc/contracts';

/** A plan as a person checks it: one block a service, then the shared steps and the public table. */
export function planTable(project: Project, plan: Plan): string {
  const steps = new Map(plan.steps.map(step => [step.id, step]));
  const blocks = plan.services.map(service =>
    serviceBlock(
      service,
      service.steps.flatMap(id => steps.get(id) ?? []),
    ),
  );
  const routes = project.public.rules;
  const width = Math.max(0, ...routes.map(({ source }) => source.length));
  const table = routes.map(({ source, target }) => `  ${source.padEnd(width)}  → ${target}`);
  return [...blocks, ...(table.length > 0 ? [['routes', ...table].join('\n')] : [])].join('\n\n');
}

function serviceBlock(service: ServicePlan, steps: readonly Step[]): string {
  const rows: [string, string][] = [
    ['root', service.root],
    ['framework', frameworkLine(service)],
    ['builder', `${service.builder.name}${service.runtime ? ` (runtime ${service.runtime})` : ''}`],
  ];
  if (service.entrypoint)
    rows.push([
      'entrypoint',
      service.handler ? `${service.entrypoint} (${service.handler})` : service.entrypoint,
    ]);
  if (service.packageManager)
    rows.push(['packages', `${service.packageManager.name}, from ${service.packageManager.decidedBy}`]);
  for (const step of steps) rows.push([step.kind, stepLine(step)]);
  if (service.outputDirectory) rows.push(['output', service.outputDirectory]);
  rows.push(['inputs', inputsLine(service)]);
  const env = [
    ...service.env.names,
    ...service.env.prefixes.map(prefix => `${prefix}*`),
    ...service.env.files,
  ];
  if (env.length > 0) rows.push(['env', env.join(', ')]);
  return [service.name, ...rows.map(([name, value]) => `  ${name.padEnd(10)}  ${value}`)].join('\n');
}

function frameworkLine({ framework, detectedFrom, alsoMatched }: ServicePlan): string {
  const also = alsoMatched.length > 0 ? `; also matched: ${alsoMatched.join(', ')}` : '';
  return `${framework?.name ?? 'none'} (${detectedFrom}${also})`;
}

function stepLine(step: Step): string {
  const where = step.cwd === '.' ? '' : ` in ${step.cwd}`;
  const shared = step.services.length > 1 ? `, once for ${step.services.length} services` : '';
  return `${step.label}${where}${shared}`;
}

function inputsLine({ inputs }: ServicePlan): string {
  return `${inputs.count} ${inputs.count === 1 ? 'file' : 'files'} in ${inputs.roots.join(', ')}`;
}
