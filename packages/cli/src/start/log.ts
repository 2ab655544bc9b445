import { writeSync } from 'node:fs';
import { never } from '@svc/contracts';
import type { EmitRuntime, RequestRecord, RunningDeployment, RuntimeEvent } from '@svc/runtime';
import { readableSize } from '../numbers.ts';
import type { LogForm, StartOptions } from './options.ts';

export interface Log {
  readonly emit: EmitRuntime;
  started(deployment: RunningDeployment, options: StartOptions): void;
  /** Writes what is still held. */
  close(): void;
}

/** Milliseconds that lines are held, so that a busy server writes many at once. */
const HOLD = 30;
const MOST_HELD = 65_536;

/**
 * What happens, for people (the requests on standard output, the rest on standard error) or for programs (everything on
 * standard output, an object a line).
 */
export function openLog(form: LogForm): Log {
  const out = holding(1);
  const err = holding(2);
  const close = () => {
    out.flush();
    err.flush();
  };
  process.on('exit', close);
  return {
    emit: event => {
      if (form === 'json') out.write(JSON.stringify(jsonOf(event)));
      else if (event.type !== 'request') err.write(textOf(event));
      else if (form === 'text') out.write(requestLine(event.record));
    },
    started: (deployment, options) => {
      if (form === 'json') out.write(JSON.stringify(startJson(deployment)));
      else for (const line of startLines(deployment, options)) err.write(line);
      close();
    },
    close,
  };
}

function holding(descriptor: number): { write(line: string): void; flush(): void } {
  let held = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const text = held;
    held = '';
    if (text !== '') writeAll(descriptor, text);
  };
  return {
    write: line => {
      held += `${line}\n`;
      if (held.length > MOST_HELD) flush();
      else timer ??= setTimeout(flush, HOLD).unref();
    },
    flush,
  };
}

/** A reader that has gone or is slow must not stop the deployment: what it does not take is lost. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'EAGAIN') throw error;
  }
}

function textOf(event: Exclude<RuntimeEvent, { type: 'request' }>): string {
  const who = event.service === null ? '' : `[${event.service}] `;
  switch (event.type) {
    case 'function.output':
      return `${who}${event.line}`;
    case 'function.started':
      return `${who}the function ${event.name} is up after ${Math.round(event.duration)} ms`;
    case 'problem':
      return `${who}${event.message}`;
    default:
      return never(event);
  }
}

function requestLine(record: RequestRecord): string {
  const { time, method, target, status, duration, bytes, service, caller, id } = record;
  const clock = new Date(time).toISOString().slice(11, 23);
  const who = `${caller === null ? '' : `${caller} > `}${service ?? '-'}`;
  const left = record.aborted ? ' (the client left)' : '';
  return `${clock} ${method} ${target} ${status} ${who} ${duration.toFixed(1)} ms ${readableSize(bytes)} ${id}${left}`;
}

function jsonOf(event: RuntimeEvent): object {
  if (event.type !== 'request') return { ...event, time: new Date().toISOString() };
  const { time, ...record } = event.record;
  return { type: 'request', time: new Date(time).toISOString(), ...record };
}

function startJson({ id, urls, services, unsupported, metricsUrl }: RunningDeployment): object {
  const time = new Date().toISOString();
  return { type: 'started', time, deployment: id, urls, services, unsupported, metricsUrl };
}

function startLines(deployment: RunningDeployment, { port, isPortFixed, host }: StartOptions): string[] {
  const { id, urls, services, unsupported } = deployment;
  const [first = ''] = urls;
  const url = host === undefined ? `http://localhost:${deployment.port}` : first;
  const what = `${id ?? 'the deployment'}${services.length > 0 ? ` (${services.join(', ')})` : ''}`;
  const moved =
    !isPortFixed && deployment.port !== port ? [`Port ${port} is taken, so it is ${deployment.port}.`] : [];
  const warnings = unsupported.map(({ service, name, reason }) => {
    return `${service === null ? '' : `[${service}] `}${reason}: requests for ${name} are answered with 501`;
  });
  const metrics = deployment.metricsUrl === null ? [] : [`Metrics are on ${deployment.metricsUrl}`];
  return [...warnings, ...moved, ...metrics, `${what} runs on ${url}`];
}
