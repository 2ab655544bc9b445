import type { Failure, Notice, RunSummary } from '@svc/contracts';
import { never } from '@svc/contracts';
import { renderFailure, renderNotice } from './failure.ts';
import { type Style, styleFor } from './style.ts';
import { cleanLine, fit, widthOf } from './text.ts';
import { count, formatDuration, formatSize } from './units.ts';

export interface SummaryOptions {
  readonly color: boolean;
  /** Warnings of the run that have not been shown yet. */
  readonly notices: readonly Notice[];
  /** What to show of the failures of the run. */
  readonly failures: readonly Failure[];
}

/**
 * How a run ended, for people. What matters most comes last, where a terminal and a log stop: what went wrong and how to
 * try it again, or where the deployment is.
 */
export function renderSummary(summary: RunSummary, options: SummaryOptions): string[] {
  const style = styleFor(options.color);
  // Nothing was done, and the last summary said all of it.
  if (summary.unchanged) return [...renderNotices(options.notices, options), ...ending(summary, style)];
  return [
    ...renderNotices(options.notices, options),
    ...services(summary, style),
    ...routes(summary, style),
    ...isolation(summary, style),
    ...failures(options.failures, options),
    ...ending(summary, style),
  ];
}

export function renderNotices(notices: readonly Notice[], { color }: { readonly color: boolean }): string[] {
  return notices.flatMap(notice => [...renderNotice(notice, { color }).split('\n'), '']);
}

/** Of more services than this whose result was there, only the number is told. */
const MOST_LISTED = 10;

function services(summary: RunSummary, style: Style): string[] {
  if (summary.services.length === 0) return [];
  const folded = (['kept', 'restored'] as const).flatMap(state => {
    const those = summary.services.filter(service => service.state === state);
    return those.length > MOST_LISTED ? [{ state, those }] : [];
  });
  const services = summary.services.filter(({ state }) => !folded.some(group => group.state === state));
  const rest = folded.map(
    ({ state, those }) =>
      `  ${style.dim('•')} ${count(those.length, services.length > 0 ? 'other' : 'service')} ${state}`,
  );
  const width = Math.max(...services.map(({ name }) => widthOf(name)));
  const lines = services.map(({ name, state, duration, size }) => {
    const time = formatDuration(duration).padStart(10);
    const label = fit(name, width);
    switch (state) {
      case 'built':
        return `  ${style.green('✔')} ${label} ${time} ${formatSize(size).padStart(10)}`;
      case 'kept':
        return `  ${style.dim('•')} ${label} ${'kept'.padStart(10)} ${formatSize(size).padStart(10)}`;
      case 'restored':
        return `  ${style.green('•')} ${label} ${'restored'.padStart(10)} ${formatSize(size).padStart(10)}`;
      case 'failed':
        return `  ${style.red('✖')} ${label} ${time} ${style.red('failed'.padStart(10))}`;
      case 'cancelled':
        return `  ${style.yellow('–')} ${label} ${'cancelled'.padStart(10)}`;
      default:
        return never(state);
    }
  });
  return [style.bold('Services'), ...lines, ...rest, ''];
}

function routes(summary: RunSummary, style: Style): string[] {
  if (summary.routes.length === 0) return [];
  const routes = summary.routes.map(({ source, target }) => ({
    source: cleanLine(source, false),
    target: cleanLine(target, false),
  }));
  const width = Math.max(...routes.map(({ source }) => widthOf(source)));
  const lines = routes.map(({ source, target }) => `  ${fit(source, width)} ${style.dim('→')} ${target}`);
  return [style.bold('Routes'), ...lines, ''];
}

function isolation({ unpromised }: RunSummary, style: Style): string[] {
  if (unpromised.length === 0) return [];
  return [
    style.bold('Isolation'),
    ...unpromised.map(line => `  ${style.yellow('⚠')} ${cleanLine(line, false)}`),
    '',
  ];
}

function failures(all: readonly Failure[], { color }: { readonly color: boolean }): string[] {
  return all.flatMap(failure => [...renderFailure(failure, { color }).split('\n'), '']);
}

function ending(summary: RunSummary, style: Style): string[] {
  const time = formatDuration(summary.duration);
  if (summary.ok) {
    const id = summary.deployment === undefined ? '' : ` ${style.dim(summary.deployment)}`;
    return summary.output === undefined
      ? [`${style.green('✔')} Done in ${time}`]
      : [`${style.green('✔')} ${style.bold(summary.output)} is ready after ${time}${reused(summary)}${id}`];
  }
  const failed = summary.services.filter(({ state }) => state === 'failed').map(({ name }) => name);
  if (failed.length === 0)
    return [`${style.red('✖')} Stopped after ${time}; the last deployment is unchanged`];
  const again = style.bold(`svc build --filter ${failed.join(',')}`);
  return [
    `${style.red('✖')} Failed after ${time}; the last deployment is unchanged`,
    `  To build only what failed: ${again}`,
  ];
}

/** How many services were not built because a result was there. */
function reused({ services, unchanged }: RunSummary): string {
  if (unchanged) return `: nothing has changed in ${count(services.length, 'service')}`;
  const counts = (['kept', 'restored'] as const)
    .map(state => ({ state, number: services.filter(service => service.state === state).length }))
    .filter(({ number }) => number > 0)
    .map(({ state, number }) => `${number} ${state}`);
  return counts.length === 0 ? '' : ` (${counts.join(', ')})`;
}
