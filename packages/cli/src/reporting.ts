import type { Emit } from '@svc/contracts';
import { chooseMode, createReporter, useColor } from '@svc/reporters';
import { elapsed } from './elapsed.ts';
import { nodeStreams, type Streams } from './streams.ts';

export interface Reporting {
  readonly emit: Emit;
  close(): void;
}

/** Where a command's events go: the renderer that suits the place svc runs in. */
export function openReporting(
  { json }: { readonly json: boolean },
  { stdout, stderr, isTTY }: Streams = nodeStreams(),
): Reporting {
  const reporter = createReporter({
    mode: chooseMode({ env: process.env, stderrIsTTY: isTTY, json }),
    stdout,
    stderr,
    color: useColor(process.env, isTTY),
    columns: () => stderr.columns ?? 80,
    now: elapsed,
  });
  return { emit: event => reporter.emit(event), close: () => reporter.close() };
}
