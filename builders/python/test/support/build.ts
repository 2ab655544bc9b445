import { type Kind, planRequest as requestOf, type ServiceFixture } from '@svc/builder-kit/test-support';

export { runProgram } from '@svc/builder-kit/test-support';

export const PYTHON: Kind = {
  runtime: 'python',
  generated: /(?:^|\/)(?:\.svc-python|__pycache__|_vendor|\.venv)\//,
  positions: { entrypoint: { file: 'vercel.json', line: 3, column: 5 } },
};

/** What the planner would ask for a service below `boundary`. */
export function planRequest(boundary: string, fixture: ServiceFixture) {
  return requestOf(boundary, fixture, PYTHON);
}
