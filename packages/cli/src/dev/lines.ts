import { type Failure, never } from '@svc/contracts';
import type { DevEvent } from '@svc/dev';
import { renderFailure, renderNotice } from '@svc/reporters';
import type { Painter } from './painter.ts';

interface Wishes {
  readonly port: number;
  readonly isPortFixed: boolean;
  readonly isInteractive: boolean;
}

/** An event as lines for people; none for what goes without saying. */
export function eventLines(event: DevEvent, painter: Painter, wishes: Wishes): string[] {
  const { style } = painter;
  switch (event.type) {
    case 'dev.started':
      return startLines(event, painter, wishes);
    case 'dev.settled':
      return [`${painter.prefix(null)}${settledLine(event, painter)}`];
    case 'service.output':
      return [`${painter.prefix(event.service)}${painter.color ? event.line : withoutEscapes(event.line)}`];
    case 'service.state':
      return stateLines(event, painter);
    case 'service.slow':
    case 'service.floods':
      return [`${painter.prefix(event.service)}${style.yellow(event.message)}`];
    case 'service.failed':
      return failureLines(event.failure, painter.prefix(event.service), painter);
    case 'service.changed':
      return [`${painter.prefix(event.service)}${style.dim(`restarts: ${listed(event.paths)} changed`)}`];
    case 'notice':
      return renderNotice(event.notice, painter).split('\n');
    case 'config.applied':
      return [`${painter.prefix(null)}${style.green(`the new configuration is in use${changesOf(event)}`)}`];
    case 'config.failed':
      return [
        ...event.failures.flatMap(failure => renderFailure(failure, painter).split('\n')),
        `${painter.prefix(null)}${style.yellow('the configuration stays as it was until this is corrected')}`,
      ];
    case 'request': {
      const { method, target, status, service, caller, duration } = event.record;
      const who = `${caller === null ? '' : `${caller} > `}${service ?? '-'}`;
      return [
        `${painter.prefix(service)}${style.dim(`${method} ${target} ${status} ${who} ${Math.round(duration)} ms`)}`,
      ];
    }
    case 'problem':
      return [`${painter.prefix(event.service)}${style.yellow(event.message)}`];
    default:
      return never(event);
  }
}

function startLines(
  { urls, port, services }: Extract<DevEvent, { type: 'dev.started' }>,
  painter: Painter,
  wishes: Wishes,
): string[] {
  const { style } = painter;
  const [first = ''] = urls;
  const url = /127\.0\.0\.1|\[::1\]/.test(first) ? `http://localhost:${port}` : first;
  painter.url = url;
  const isMoved = !wishes.isPortFixed && port !== wishes.port;
  const table = services.map(({ name, kind, command, paths, state }) => {
    const where = paths.length > 0 ? `at ${listed(paths)}` : 'without a public path';
    const what = [kind, command, where].filter(part => part !== null && part !== '').join(', ');
    return `${painter.prefix(name)}${what}${state === 'off' ? ' (not started: --only)' : ''}`;
  });
  return [
    ...(isMoved ? [style.dim(`Port ${wishes.port} is taken, so it is ${port}.`)] : []),
    `${style.bold('svc dev')} ${style.cyan(url)}${wishes.isInteractive ? style.dim('  (h for help)') : ''}`,
    ...table,
  ];
}

/** Servers tell addresses of their own, and the last lines are what is read: so here is where to go. */
function settledLine(
  { ready, failed }: Extract<DevEvent, { type: 'dev.settled' }>,
  { style, url }: Painter,
): string {
  const count = ready.length + failed.length;
  if (failed.length > 0) {
    const which = style.yellow(
      `${ready.length} of ${count} services are ready, but not ${failed.join(', ')}`,
    );
    return `${which}: ${style.cyan(url)}`;
  }
  return `${style.green(count === 1 ? 'ready' : 'all services are ready')}: ${style.cyan(url)}`;
}

function stateLines(
  { service, state, duration }: Extract<DevEvent, { type: 'service.state' }>,
  painter: Painter,
): string[] {
  const { style } = painter;
  const say = (text: string) => [`${painter.prefix(service)}${text}`];
  switch (state) {
    case 'ready':
      return say(style.green(`ready after ${Math.round(duration ?? 0)} ms`));
    case 'installing':
      return say(style.dim('installs its dependencies'));
    case 'preparing':
      return say(style.dim('is being built'));
    case 'waiting':
    case 'starting':
    case 'failed':
    case 'stopped':
    case 'off':
      return [];
    default:
      return never(state);
  }
}

/** Its last lines stand above already, one by one as they came. */
function failureLines({ output: _, ...failure }: Failure, prefix: string, painter: Painter): string[] {
  const lines = renderFailure(failure, painter).split('\n');
  return [...lines, painter.style.dim('it starts again when one of its files changes')].map(
    line => `${prefix}${line}`,
  );
}

function changesOf({
  added,
  removed,
  restarted,
  routes,
}: Extract<DevEvent, { type: 'config.applied' }>): string {
  const parts = [
    ...(added.length > 0 ? [`new: ${added.join(', ')}`] : []),
    ...(removed.length > 0 ? [`gone: ${removed.join(', ')}`] : []),
    ...(restarted.length > 0 ? [`started again: ${restarted.join(', ')}`] : []),
    ...(routes ? ['routes'] : []),
  ];
  return parts.length > 0 ? ` (${parts.join('; ')})` : '';
}

function listed(paths: readonly string[]): string {
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  return `${paths.slice(0, 3).join(', ')}${more}`;
}

/** Whoever asked for no colours gets none, and no cursor that jumps. */
function withoutEscapes(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
  return line.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '');
}
