import { never } from '@svc/contracts';
import type { EmitRuntime, RequestRecord, RunningDeployment, RuntimeEvent } from '@svc/runtime';
import { readableSize } from '../numbers.ts';
import { holding } from './held-lines.ts';
import type { LogForm, StartOptions } from './options.ts';

export interface Log {
  readonly emit: EmitRuntime;
  started(deployment: RunningDeployment, options: StartOptions): void;
  /** Writes what is still held. */
  close(): void;
}

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
  const who = `${caller === null ? '' : `${caller} > `}${service ?? '-'}`;
  const left = record.aborted ? ' (the client left)' : '';
  return `${clockOf(time)} ${method} ${target} ${status} ${who} ${tenths(duration)} ms ${readableSize(bytes)} ${id}${left}`;
}

/** With one decimal; `toFixed` takes several times as long. */
function tenths(value: number): string {
  const count = Math.round(value * 10);
  return `${Math.trunc(count / 10)}.${count % 10}`;
}

let lastSecond = 0;
let clock = '';

/** Time of day in UTC, with milliseconds. A busy server writes thousands of lines a second, so their second is kept. */
function clockOf(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    clock = new Date(second * 1000).toISOString().slice(11, 20);
  }
  return clock + String(time - second * 1000).padStart(3, '0');
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
