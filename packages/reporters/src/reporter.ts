import { never, type SvcEvent } from '@svc/contracts';
import { azure } from './azure.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { groupedRenderer } from './grouped.ts';
import { jsonRenderer } from './json.ts';
import { liveRenderer } from './live.ts';
import type { ReporterMode } from './mode.ts';
import type { Output } from './output.ts';
import { plainRenderer } from './plain.ts';

export interface ReporterOptions {
  readonly mode: ReporterMode;
  /** Results go here: the events of the `json` mode. */
  readonly stdout: Output;
  /** Everything for people goes here. */
  readonly stderr: Output;
  readonly color: boolean;
  /** Width of the terminal; asked again for every drawing, since it can change. */
  columns(): number;
  /** Milliseconds from any fixed point. */
  now(): number;
  /** Milliseconds since 1970; the clock's when absent. */
  readonly date?: () => number;
}

/** Shows the events of a run in one way. Neither method throws or waits. */
export interface Reporter {
  emit(event: SvcEvent): void;
  /** Shows what has not been shown, and leaves the terminal as it was. May be called more than once, at any time. */
  close(): void;
}

export function createReporter(options: ReporterOptions): Reporter {
  switch (options.mode) {
    case 'live':
      return liveRenderer(options);
    case 'plain':
      return plainRenderer(options);
    case 'github':
      return groupedRenderer(options, github);
    case 'gitlab':
      return groupedRenderer(options, gitlab);
    case 'azure':
      return groupedRenderer(options, azure);
    case 'json':
      return jsonRenderer(options);
    default:
      return never(options.mode);
  }
}
