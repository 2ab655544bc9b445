import type { LogDialect } from './grouped.ts';
import { cleanLine } from './text.ts';

/** GitLab CI: https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections */
export const gitlab: LogDialect = {
  open: (title, { start }) =>
    `\u001b[0Ksection_start:${seconds(start)}:${name(title)}[collapsed=true]\r\u001b[0K${cleanLine(title, false)}`,
  close: (title, { end }) => `\u001b[0Ksection_end:${seconds(end)}:${name(title)}\r\u001b[0K`,
  annotate: () => undefined,
  // A section needs a carriage return and an escape sequence, which lines do not hold any more.
  neutral: line => line,
};

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** Titles begin with the name of what the group is for, which is all that is needed to tell groups apart. */
function name(title: string): string {
  return `svc_${title.split(':')[0] ?? ''}`.replace(/[^A-Za-z0-9_.-]/g, '_');
}
