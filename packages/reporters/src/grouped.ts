import type { Failure, Notice, SvcEvent } from '@svc/contracts';
import { renderFailure } from './failure.ts';
import { finishedText, LogLines, ownerOf, Prefixes, startText } from './lines.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';
import { styleFor } from './style.ts';
import { renderNotices, renderSummary } from './summary.ts';
import { formatDuration } from './units.ts';
import { Unshown } from './unshown.ts';

/** How a CI system's log says what it folds and what it points out. */
export interface LogDialect {
  /** The line that begins a folded group. Times are in milliseconds since 1970. */
  open(title: string, time: { readonly start: number; readonly end: number }): string;
  /** The line that ends it. */
  close(title: string, time: { readonly start: number; readonly end: number }): string;
  /** Points out a failure or a warning beside the log; undefined where the system has no way to. */
  annotate(level: 'error' | 'warning', item: Failure | Notice): string | undefined;
  /** A line that the system would take for one of its commands, changed so that it does not. */
  neutral(line: string): string;
}

/** Characters of one service's log that are held until it ends; the last ones count. */
const MOST_HELD = 512 * 1024;

class Group {
  readonly #lines: string[] = [];
  #held = 0;
  #dropped = 0;
  readonly start: number;

  constructor(start: number) {
    this.start = start;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#held += line.length;
    while (this.#held > MOST_HELD) {
      this.#held -= this.#lines.shift()?.length ?? 0;
      this.#dropped++;
    }
  }

  lines(): string[] {
    return this.#dropped > 0
      ? [`… ${this.#dropped} lines before these are left out`, ...this.#lines]
      : this.#lines;
  }
}

/**
 * A log in folded groups, one a service, each written whole when its service ends, so that services built at the same
 * time do not mix. Those that failed come last and unfolded.
 */
export function groupedRenderer(options: ReporterOptions, dialect: LogDialect): Reporter {
  const { stderr, color, date = Date.now } = options;
  const style = styleFor(color);
  const log = new LogLines(style, color);
  const prefixes = new Prefixes(style);
  const unshown = new Unshown();
  const groups = new Map<string, Group>();
  const failed: string[][] = [];

  const write = (lines: readonly string[]) => {
    if (lines.length > 0) stderr.write(`${lines.join('\n')}\n`);
  };
  const print = (lines: readonly string[]) =>
    write(lines.flatMap(line => line.split('\n')).map(line => dialect.neutral(line)));
  const annotate = (level: 'error' | 'warning', items: readonly (Failure | Notice)[]) =>
    write(items.flatMap(item => dialect.annotate(level, item) ?? []));
  const groupOf = (key: string): Group => {
    const group = groups.get(key) ?? new Group(date());
    groups.set(key, group);
    return group;
  };
  const fold = (key: string, title: string) => {
    const group = groupOf(key);
    groups.delete(key);
    const time = { start: group.start, end: date() };
    write([dialect.open(title, time)]);
    print(group.lines());
    write([dialect.close(title, time)]);
  };
  const showFailed = () => {
    for (const lines of failed.splice(0)) print([...lines, '']);
  };
  const showNotices = () => {
    const notices = unshown.takeNotices();
    annotate('warning', notices);
    print(renderNotices(notices, { color }));
  };
  const showRest = () => {
    for (const key of [...groups.keys()]) fold(key, `${key}: not finished`);
    showFailed();
    showNotices();
  };

  return {
    emit(event: SvcEvent) {
      const line = log.lineOf(event);
      if (line) groupOf(keyOf(event)).add(prefixes.line(line));
      switch (event.type) {
        case 'run.started':
          prefixes.align(event.services);
          print([startText(event)]);
          break;
        case 'warning':
        case 'cache.rejected':
          unshown.add(event);
          break;
        case 'step.finished':
          if (event.service !== null) break;
          if (event.ok) fold(event.step, `${ownerOf(event)}: done in ${formatDuration(event.duration)}`);
          else setAside(event.step, groups, failed);
          break;
        case 'service.finished':
          fold(event.service, `${event.service}: ${finishedText(event)}`);
          break;
        case 'service.kept':
          if (line) fold(event.service, `${event.service}: kept`);
          break;
        case 'cache.hit':
          if (event.from !== 'output')
            fold(event.service, `${event.service}: restored from the ${event.from} cache`);
          break;
        case 'service.failed':
          setAside(event.service, groups, failed);
          break;
        case 'failure': {
          showNotices();
          const failures = unshown.takeFailures([event.failure]);
          print(failures.flatMap(failure => [renderFailure(failure, { color }), '']));
          annotate('error', failures);
          break;
        }
        case 'run.finished': {
          showRest();
          const failures = unshown.takeFailures(event.summary.failures);
          annotate('error', failures);
          print(renderSummary(event.summary, { color, notices: [], failures }));
          break;
        }
        default:
      }
    },
    close: showRest,
  };
}

/** The log of what failed is held back until the end. */
function setAside(key: string, groups: Map<string, Group>, failed: string[][]): void {
  failed.push(groups.get(key)?.lines() ?? []);
  groups.delete(key);
}

/** Shared steps have a group of their own. */
function keyOf(event: SvcEvent): string {
  if ('step' in event) return event.service ?? event.step;
  return 'service' in event ? (event.service ?? '') : '';
}
