import type { Failure, ServiceConfig } from '@svc/contracts';

/** Where a service is declared, for failures of the service as a whole: `{ code, message, ...declaredAt(service) }`. */
export function declaredAt({ positions }: ServiceConfig): Pick<Failure, 'position'> {
  const position = positions.root ?? positions[''];
  return position ? { position } : {};
}
