import type { Emit } from '@svc/contracts';
import type { DevEvent, EmitDev, RunningDev } from '@svc/dev';
import { useColor } from '@svc/reporters';
import { holding } from '../start/held-lines.ts';
import { eventLines } from './lines.ts';
import { Painter } from './painter.ts';

export interface Screen {
  readonly emit: EmitDev;
  /** For what builders from elsewhere print while they are asked: it is their service's output. */
  readonly tell: Emit;
  readonly color: boolean;
  /** Whether there is a terminal on both ends. */
  readonly isInteractive: boolean;
  help(): void;
  showServices(services: ReturnType<RunningDev['services']>): void;
  toggleRequests(): void;
  blank(): void;
  /** Writes what is still held. */
  close(): void;
}

/** What happens, for people (a line each, with the service's name before it) or for programs (an object a line). */
export function openScreen({
  json,
  port,
  isPortFixed,
}: {
  readonly json: boolean;
  readonly port: number;
  readonly isPortFixed: boolean;
}): Screen {
  const isTerminal = process.stdout.isTTY === true;
  const color = !json && useColor(process.env, isTerminal);
  const out = holding(1);
  const painter = new Painter(color);
  let logsRequests = false;
  process.on('exit', out.flush);
  const write = (lines: readonly string[]) => {
    for (const line of lines) out.write(line);
  };
  const emitText = (event: DevEvent) => {
    if (event.type === 'dev.started') painter.learn(event.services.map(({ name }) => name));
    if (event.type === 'config.applied') painter.learn(event.added);
    const isQuiet = event.type === 'request' && !logsRequests && event.record.status < 500;
    if (!isQuiet) write(eventLines(event, painter, { port, isPortFixed, isInteractive }));
  };
  const isInteractive = !json && isTerminal && process.stdin.isTTY === true;
  const emit: EmitDev = json ? event => out.write(JSON.stringify(jsonOf(event))) : emitText;
  return {
    emit,
    tell: event => {
      if (event.type !== 'step.output') return;
      const { service, stream, line } = event;
      emit({ type: 'service.output', service, stream, line });
    },
    color,
    isInteractive,
    help: () => write(KEYS.map(([key, what]) => `  ${painter.style.bold(key)}  ${what}`)),
    showServices: services =>
      write(
        services.map(
          ({ name, state, command }) =>
            `${painter.prefix(name)}${state}  ${painter.style.dim(command ?? '')}`,
        ),
      ),
    toggleRequests: () => {
      logsRequests = !logsRequests;
      write([painter.style.dim(logsRequests ? 'requests are logged' : 'requests are not logged')]);
    },
    blank: () => write(['']),
    close: out.flush,
  };
}

const KEYS = [
  ['h', 'this help'],
  ['r', 'restart all services'],
  ['s', 'state of the services'],
  ['l', 'log requests, or stop logging them'],
  ['q', 'quit'],
] as const;

function jsonOf(event: DevEvent): object {
  return { ...event, at: new Date().toISOString() };
}
