import type { HostError } from './protocol.ts';

/** A fault in what a builder package returned or is: its message is written for the user. */
export class ContractError extends Error {
  override name = 'ContractError';
}

/** Takes apart whatever was thrown; builders throw errors of any kind, and things that are none. */
export function describeError(thrown: unknown): HostError {
  if (!(thrown instanceof Error) && !looksLikeError(thrown)) {
    return {
      name: 'Error',
      message: typeof thrown === 'string' ? thrown : `it threw ${JSON.stringify(thrown) ?? String(thrown)}`,
      stack: null,
      code: null,
      link: null,
      action: null,
      isMeantForUser: false,
    };
  }
  const error = thrown as Error & Readonly<Record<'code' | 'link' | 'action' | 'hideStackTrace', unknown>>;
  return {
    name: error.name,
    message: error.message,
    stack: error.stack ?? null,
    code: textOrNull(error.code),
    link: textOrNull(error.link),
    action: textOrNull(error.action),
    isMeantForUser: error instanceof ContractError || error.hideStackTrace === true,
  };
}

function looksLikeError(value: unknown): value is Error {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
