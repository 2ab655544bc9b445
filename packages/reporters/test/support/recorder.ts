import { createReporter, type ReporterMode } from '../../src/index.ts';
import type { Timed } from './events.ts';

export interface Recording {
  readonly stdout: string;
  readonly stderr: string;
}

export interface Conditions {
  readonly color?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** What a renderer writes for a stream of events. */
export function record(mode: ReporterMode, events: readonly Timed[], conditions: Conditions = {}): Recording {
  const written = { stdout: '', stderr: '' };
  let now = 0;
  const reporter = createReporter({
    mode,
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text), rows: conditions.rows ?? 24 },
    color: conditions.color ?? false,
    columns: () => conditions.columns ?? 100,
    now: () => now,
    date: () => Date.UTC(2026, 7, 1) + now,
  });
  for (const [at, event] of events) {
    now = at;
    reporter.emit(event);
  }
  reporter.close();
  return written;
}

/** The same text with escapes that can be read, for snapshots. */
export function visible(text: string): string {
  return text.replaceAll('\u001b', '␛').replaceAll('\r', '␍');
}
