import type { Failure, FailureCode, Notice, Position, ServiceConfig } from '@svc/contracts';

interface Text {
  readonly message: string;
  readonly help?: string | undefined;
}

/** A failure of a service, placed at one of its fields in the configuration file, or else at the service's name. */
export function failure(service: ServiceConfig, code: FailureCode, field: string, text: Text): Failure {
  return { code, service: service.name, ...described(service, field, text) };
}

/** A warning about a service, placed like a failure. */
export function notice(service: ServiceConfig, code: string, field: string, text: Text): Notice {
  return { code, service: service.name, ...described(service, field, text) };
}

function described(service: ServiceConfig, field: string, { message, help }: Text) {
  const position: Position | undefined =
    service.positions[field] ?? service.positions.name ?? service.positions[''];
  return { message, ...(help === undefined ? {} : { help }), ...(position ? { position } : {}) };
}
