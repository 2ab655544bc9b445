import { type Emit, EXIT } from '@svc/contracts';
import { chooseMode, createReporter, useColor } from '@svc/reporters';

export interface Reporting {
  readonly emit: Emit;
  close(): void;
}

/** Where a command's events go: the renderer that suits the place svc runs in. */
export function openReporting({ json }: { readonly json: boolean }): Reporting {
  const isTTY = process.stderr.isTTY === true;
  const reporter = createReporter({
    mode: chooseMode({ env: process.env, stderrIsTTY: isTTY, json }),
    stdout: process.stdout,
    stderr: process.stderr,
    color: useColor(process.env, isTTY),
    columns: () => process.stderr.columns ?? 80,
    now: () => performance.now(),
  });
  // `svc build --json | head`: whoever stops reading has seen enough.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(EXIT.done);
    });
  }
  return { emit: event => reporter.emit(event), close: () => reporter.close() };
}
