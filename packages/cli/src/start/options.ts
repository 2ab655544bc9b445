import { failed, ok, type Result } from '@svc/contracts';
import { readOptions, usage } from '../options.ts';

export type LogForm = 'text' | 'json' | 'off';

export interface StartOptions {
  /** As given: a project, a deployment or an archive. */
  readonly deployment: string;
  readonly port: number;
  readonly isPortFixed: boolean;
  readonly host: string | undefined;
  readonly eager: boolean;
  readonly usage: boolean;
  readonly envFiles: readonly string[];
  readonly log: LogForm;
  /** The port for metrics; undefined for none. */
  readonly adminPort: number | undefined;
  /** Ask visitors for a password. */
  readonly protect: boolean;
  readonly passwordFile: string | undefined;
}

const DEFAULT_PORT = 3000;
const LOGS: readonly LogForm[] = ['text', 'json', 'off'];

const TABLE = {
  port: { type: 'string' },
  host: { type: 'string' },
  eager: { type: 'boolean' },
  usage: { type: 'boolean' },
  'env-file': { type: 'string', multiple: true },
  log: { type: 'string' },
  'admin-port': { type: 'string' },
  protect: { type: 'boolean' },
  'password-file': { type: 'string' },
} as const;

export function readStartOptions(args: readonly string[]): Result<StartOptions> {
  const words = readOptions('start', args, TABLE, 1);
  if (!words.ok) return words;
  const { values, positionals } = words.value;
  const port = portFrom(values.port) ?? DEFAULT_PORT;
  const adminPort = portFrom(values['admin-port']);
  if (port === 'wrong') return refuse(`--port takes a number from 0 to 65535, not "${values.port}"`);
  if (adminPort === 'wrong') {
    return refuse(`--admin-port takes a number from 0 to 65535, not "${values['admin-port']}"`);
  }
  const log = LOGS.find(form => form === (values.log ?? 'text'));
  if (!log) return refuse(`--log is one of ${LOGS.join(', ')}, not "${values.log}"`);
  return ok({
    deployment: positionals[0] ?? '.',
    port,
    isPortFixed: values.port !== undefined,
    host: values.host,
    eager: values.eager === true,
    usage: values.usage === true,
    envFiles: values['env-file'] ?? [],
    log,
    adminPort,
    // A file with a password is of no other use.
    protect: values.protect === true || values['password-file'] !== undefined,
    passwordFile: values['password-file'],
  });
}

function portFrom(value: string | undefined): number | 'wrong' | undefined {
  if (value === undefined) return undefined;
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : 'wrong';
}

function refuse(message: string) {
  return failed(usage('bad-option-value', message, 'start'));
}
