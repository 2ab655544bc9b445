import { failed, ok, type Result } from '@svc/contracts';
import { readOptions, usage } from '../options.ts';

export interface DevCommandOptions {
  /** As given; the folder to start looking from. */
  readonly directory: string;
  readonly port: number;
  readonly isPortFixed: boolean;
  readonly host: string | undefined;
  readonly only: readonly string[] | null;
  readonly json: boolean;
}

const DEFAULT_PORT = 3000;

const TABLE = {
  port: { type: 'string', short: 'p' },
  host: { type: 'string' },
  only: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  local: { type: 'boolean', short: 'L' },
} as const;

export function readDevOptions(args: readonly string[]): Result<DevCommandOptions> {
  const words = readOptions('dev', args, TABLE, 1);
  if (!words.ok) return words;
  const { values, positionals } = words.value;
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port || Number.NaN);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return refuse(`--port takes a number from 0 to 65535, not "${values.port}"`);
  }
  const only = values.only?.flatMap(names => names.split(',')).filter(name => name !== '') ?? null;
  if (only?.length === 0) return refuse('--only needs the name of a service');
  return ok({
    directory: positionals[0] ?? '.',
    port,
    isPortFixed: values.port !== undefined,
    host: values.host,
    only,
    json: values.json === true,
  });
}

function refuse(message: string) {
  return failed(usage('bad-option-value', message, 'dev'));
}
