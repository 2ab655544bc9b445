import type { Failure, Notice } from '@svc/contracts';

/** A failure or notice as plain text: code, place, code frame, message, help. For snapshots. */
export function rendered(found: Failure | Notice): string {
  const { position } = found;
  const place = position ? ` ${position.file}:${position.line}:${position.column}` : '';
  const service = found.service === undefined ? '' : ` (service ${found.service})`;
  const help = found.help?.split('\n').map(line => `  = ${line}`) ?? [];
  return [`${found.code}${place}${service}`, `  ${found.message}`, ...frame(found), ...help].join('\n');
}

function frame({ position }: Failure | Notice): string[] {
  if (position?.lineText === undefined) return [];
  const gutter = String(position.line);
  const underline = ' '.repeat(position.column - 1) + '^'.repeat(position.length ?? 1);
  return [`  ${gutter} | ${position.lineText}`, `  ${' '.repeat(gutter.length)} | ${underline}`];
}
