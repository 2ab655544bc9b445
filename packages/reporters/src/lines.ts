import type { SvcEvent } from '@svc/contracts';
import { type Paint, type Style, servicePaint } from './style.ts';
import { cleanLine, fit, widthOf } from './text.ts';
import { count, formatDuration, formatSize } from './units.ts';

/** Longest name that lines are aligned to; longer ones stand out rather than push all others to the right. */
const WIDEST = 20;

/** One line of a log, and whose it is. */
export interface LogLine {
  /** A service, or the kind of a step that several services share. */
  readonly owner: string;
  readonly text: string;
}

/** Turns events into the lines of a log, each with its owner; remembers what steps are called. */
export class LogLines {
  readonly #labels = new Map<string, string>();
  /** Services that are in the deployment as they would be built. */
  readonly #unchanged = new Set<string>();
  readonly #style: Style;
  readonly #color: boolean;

  constructor(style: Style, color: boolean) {
    this.#style = style;
    this.#color = color;
  }

  /** `undefined` for events that are no part of a log. */
  lineOf(event: SvcEvent): LogLine | undefined {
    const style = this.#style;
    switch (event.type) {
      case 'step.started':
        this.#labels.set(event.step, event.label);
        return { owner: ownerOf(event), text: style.bold(`$ ${cleanLine(event.label, false)}`) };
      case 'step.output':
        return { owner: ownerOf(event), text: cleanLine(event.line, this.#color) };
      case 'step.skipped':
        return {
          owner: ownerOf(event),
          text: style.dim(`skipped ${this.#label(event.step)}: ${cleanLine(event.reason, false)}`),
        };
      case 'step.finished': {
        const time = style.dim(`(${formatDuration(event.duration)})`);
        const label = this.#label(event.step);
        if (event.ok) return { owner: ownerOf(event), text: `${style.green('✔')} ${label} ${time}` };
        const code = event.exitCode === null ? 'was stopped' : `ended with exit code ${event.exitCode}`;
        return { owner: ownerOf(event), text: `${style.red('✖')} ${label} ${code} ${time}` };
      }
      case 'service.finished':
        return { owner: event.service, text: `${style.green('✔')} ${finishedText(event)}` };
      case 'service.kept':
        if (this.#unchanged.has(event.service)) return undefined;
        return {
          owner: event.service,
          text: style.dim(`kept its last output: ${cleanLine(event.reason, false)}`),
        };
      case 'cache.hit':
        // The summary says of all of them that they are kept: a hundred lines would hide the one service that is built.
        if (event.from === 'output') {
          this.#unchanged.add(event.service);
          return undefined;
        }
        return {
          owner: event.service,
          text: `${style.green('✔')} restored from the ${cleanLine(event.from, false)} cache`,
        };
      case 'cache.miss':
        // That nothing was built before is no news to whoever builds for the first time.
        if (event.isFirst) return undefined;
        return { owner: event.service, text: style.dim(`builds: ${missText(event.reasons)}`) };
      case 'service.failed':
        return {
          owner: event.service,
          text: `${style.red('✖ failed')} after ${formatDuration(event.duration)}, see below`,
        };
      default:
        return undefined;
    }
  }

  #label(step: string): string {
    return cleanLine(this.#labels.get(step) ?? step, false);
  }
}

/** The first reason stands for the others. */
function missText(reasons: readonly string[]): string {
  const [first = 'no earlier result fits', ...others] = reasons.map(reason => cleanLine(reason, false));
  return others.length === 0 ? first : `${first}, and ${others.length} more`;
}

export function finishedText(event: Extract<SvcEvent, { type: 'service.finished' }>): string {
  const functions = event.functions === 0 ? '' : `, ${count(event.functions, 'function')}`;
  return `done in ${formatDuration(event.duration)}: ${formatSize(event.size)}, ${count(event.files, 'file')}${functions}`;
}

/** Steps that several services share have no service; the first word of their id says what they do. */
export function ownerOf({
  service,
  step,
}: {
  readonly service: string | null;
  readonly step: string;
}): string {
  return service ?? step.split(':')[0] ?? step;
}

/** Puts `name | ` before lines: aligned, and each name in a colour of its own. */
export class Prefixes {
  readonly #style: Style;
  #services: readonly string[] = [];
  #width = 'install'.length;

  constructor(style: Style) {
    this.#style = style;
  }

  align(services: readonly string[]): void {
    this.#services = services;
    this.#width = Math.min(WIDEST, Math.max(this.#width, ...services.map(widthOf)));
  }

  line({ owner, text }: LogLine): string {
    const name = widthOf(owner) > this.#width ? owner : fit(owner, this.#width);
    const index = this.#services.indexOf(owner);
    const paint: Paint = index < 0 ? this.#style.dim : servicePaint(this.#style, index);
    return `${paint(`${name} |`)} ${text}`.trimEnd();
  }
}

export function startText(event: Extract<SvcEvent, { type: 'run.started' }>): string {
  const services = count(event.services.length, 'service');
  return `Building ${services}: ${count(event.steps, 'step')}, up to ${event.concurrency} at once, isolation ${event.isolation}`;
}
