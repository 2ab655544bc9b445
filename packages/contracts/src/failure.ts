import type { Position } from './position.ts';

/**
 * Everything that a user can cause to go wrong, by the phase that finds it. The list is closed: a new failure gets a
 * code here, an exit code in `exit-codes.ts` follows from its phase, and `docs/failures.md` describes it.
 */
export const FAILURE_CODES = {
  usage: [
    'unknown-option',
    'bad-option-value',
    'unexpected-argument',
    'unknown-service-filter',
    'cache-key-invalid',
  ],
  config: [
    'config-not-found',
    'config-syntax',
    'config-evaluation',
    'config-conflict',
    'config-unknown-field',
    'config-invalid-value',
    'config-missing-field',
    'config-forbidden-field',
    'config-invalid-name',
    'config-unknown-service',
    'config-invalid-root',
    'config-invalid-route',
    'config-invalid-env-file',
  ],
  plan: [
    'root-not-found',
    'root-not-directory',
    'framework-unknown',
    'framework-undetected',
    'framework-not-installed',
    'framework-runtime-mismatch',
    'runtime-unknown',
    'runtime-unsupported',
    'entrypoint-not-found',
    'entrypoint-invalid',
    'builder-not-found',
    'builder-failed',
    'package-manager-missing',
    'tool-missing',
  ],
  build: [
    'install-failed',
    'build-failed',
    'step-failed',
    'undeclared-read',
    'undeclared-network',
    'isolation-unavailable',
    'output-directory-missing',
    'output-directory-empty',
    'output-directory-not-a-directory',
    'output-escapes',
    'bundle-failed',
    'entrypoint-not-built',
    'edge-unsupported',
    'engine-unavailable',
    'image-unavailable',
    'push-failed',
    'nothing-to-keep',
    'finish-failed',
    'builder-install-failed',
  ],
  assemble: [
    'output-conflict',
    'output-not-writable',
    'output-in-use',
    'deployment-not-found',
    'deployment-invalid',
    'deployment-differs',
    'archive-invalid',
    'archive-hostile',
    'archive-unsupported',
    'cache-damaged',
  ],
  start: ['address-unavailable', 'dev-running', 'dev-command-missing', 'service-crashed'],
} as const;

export type Phase = keyof typeof FAILURE_CODES;
export type FailureCode = (typeof FAILURE_CODES)[Phase][number];

/** One thing that went wrong and that a user can put right. */
export interface Failure {
  readonly code: FailureCode;
  /** The service concerned, by its name in the configuration. */
  readonly service?: string;
  /** What is wrong, in the user's words: one sentence, no trailing stop needed, no stack trace. */
  readonly message: string;
  /** What to do about it; may hold several lines, for example the lines to write instead. */
  readonly help?: string;
  /** The place in the file that caused it. */
  readonly position?: Position;
  /** The last lines of output of the command that failed, oldest first. */
  readonly output?: readonly string[];
}

const phaseOf = new Map<string, Phase>(
  Object.entries(FAILURE_CODES).flatMap(([phase, codes]) =>
    codes.map(code => [code, phase as Phase] as const),
  ),
);

export function phaseOfFailure(code: FailureCode): Phase {
  const phase = phaseOf.get(code);
  if (!phase) throw new Error(`no phase for ${code}`);
  return phase;
}
