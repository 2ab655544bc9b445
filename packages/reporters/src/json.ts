import type { Reporter, ReporterOptions } from './reporter.ts';

/** One event a line on standard output, as it is: for programs. */
export function jsonRenderer({ stdout }: Pick<ReporterOptions, 'stdout'>): Reporter {
  return {
    emit: event => void stdout.write(`${JSON.stringify(event)}\n`),
    close() {},
  };
}
