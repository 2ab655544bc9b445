import type { Failure } from '@svc/contracts';
import type { HostError, Stage } from '../host/protocol.ts';
import type { BuildInput } from '../input.ts';

/** How the process of a builder ended without a word. */
export interface SilentEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly isTimedOut: boolean;
}

/** What a builder threw, for the user of the service that it builds. */
export function thrownFailure(
  { package: name, service }: BuildInput,
  stage: Stage,
  error: HostError,
  output: readonly string[],
): Failure {
  const reason = error.message.trim().replace(/\.$/, '');
  const code = error.code === null ? '' : ` (${error.code})`;
  if (error.name === 'ContractError' || stage === 'load') {
    return {
      code: 'builder-failed',
      message: `${name} can't build service "${service}": ${stage === 'load' && error.name !== 'ContractError' ? 'loading it failed: ' : ''}${reason}${code}`,
      help: `svc runs packages that follow the vendor's Builder contract: a "version" of 2, 3 or -1 and a "build" function.`,
      output,
    };
  }
  if (stage === 'write') {
    return {
      code: 'builder-failed',
      message: `what ${name} returned for service "${service}" could not be written: ${reason}${code}`,
      help: 'Mostly a file that the builder lists is not there any more. The output below may say more.',
      output: [...output, ...stackLines(error)].slice(-20),
    };
  }
  const shown = (error.isMeantForUser ? output : [...output, ...stackLines(error)]).slice(-20);
  const help = [
    ...(shown.length > 0
      ? ['The cause is in the output below, which is what the builder printed last.']
      : []),
    ...(error.link === null ? [] : [`${error.action ?? 'See'}: ${error.link}`]),
  ];
  return {
    code: 'build-failed',
    message: `${name} could not build service "${service}": ${reason}${code}`,
    ...(help.length > 0 ? { help: help.join('\n') } : {}),
    ...(shown.length > 0 ? { output: shown } : {}),
  };
}

function stackLines({ stack }: HostError): string[] {
  return (stack ?? '').split('\n').slice(0, 6);
}

/** A builder that was gone, or had to be stopped, before it handed back a result. */
export function silentFailure(
  { package: name, service, timeLimit }: BuildInput,
  end: SilentEnd,
  output: readonly string[],
): Failure {
  const how = end.isTimedOut
    ? `did not finish within ${Math.round(timeLimit / 60_000)} minutes and was stopped`
    : end.signal !== null
      ? `was ended by ${end.signal}`
      : end.exitCode === 0
        ? 'ended its process, or waited for something that never came, before it returned a result'
        : `ended its process with exit code ${end.exitCode} before it returned a result`;
  const help =
    end.signal === 'SIGKILL' && !end.isTimedOut
      ? 'The system may have run out of memory: try --concurrency 1.'
      : 'The output below is what it printed last.';
  return {
    code: 'build-failed',
    message: `${name}, the builder of service "${service}", ${how}`,
    help,
    output,
  };
}
