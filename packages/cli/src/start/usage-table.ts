import type { ServiceUsage } from '@svc/runtime';
import { readableSize } from '../numbers.ts';

const HEADINGS = [
  'service',
  'requests',
  'invocations',
  'active CPU',
  'wall time',
  'memory',
  'bytes out',
  'service requests',
] as const;

/** What each service was asked for, as the platform bills it: a row a service, its calls over bindings by target. */
export function usageTable(usage: readonly ServiceUsage[]): string {
  const rows = usage.map(row => [
    row.service ?? '(public table)',
    String(row.requests),
    String(row.invocations),
    row.activeCpu === null ? '-' : `${(row.activeCpu / 1000).toFixed(2)} s`,
    `${(row.wallTime / 1000).toFixed(2)} s`,
    `${row.provisionedMemory.toFixed(6)} GB-h`,
    readableSize(row.bytes),
    callsOf(row),
  ]);
  const widths = HEADINGS.map((heading, at) => {
    return Math.max(heading.length, ...rows.map(row => row[at]?.length ?? 0));
  });
  const lines = [HEADINGS, ...rows].map(row =>
    row.map((cell, at) => pad(cell, widths[at] ?? 0, at)).join('  '),
  );
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`;
}

function callsOf({ calls }: ServiceUsage): string {
  const entries = Object.entries(calls);
  return entries.length === 0 ? '-' : entries.map(([target, count]) => `${count} to ${target}`).join(', ');
}

/** Words to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === HEADINGS.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}
