import { type Failure, type FailureCode, failed, type Result } from '@svc/contracts';

/**
 * Carries a failure out of the depths of a stream, where a value cannot be returned without every loop passing it on.
 * Never leaves this package: `refusable` turns it back into a value.
 */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export async function refusable<T>(action: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Refusal) return failed(error.failure);
    throw error;
  }
}

const HELP: Partial<Record<FailureCode, string>> = {
  'archive-hostile': 'Nothing was written. Do not use this archive: svc pack does not make such entries.',
  'archive-invalid': 'Fetch the artifact again, or pack the deployment again with svc pack.',
  'deployment-differs': 'Build or unpack the deployment again to get one that is whole.',
};

export function refuse(
  code:
    | 'archive-hostile'
    | 'archive-invalid'
    | 'archive-unsupported'
    | 'deployment-differs'
    | 'output-conflict',
  message: string,
  help: string | undefined = HELP[code],
): never {
  throw new Refusal({ code, message, ...(help === undefined ? {} : { help }) });
}

/** A name for a message: what cannot be printed is escaped, and it stays on one line. */
export function shown(name: string): string {
  const text = name.length > 200 ? `${name.slice(0, 200)}...` : name;
  return /^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(text).replace(/[^\x20-\x7e]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
