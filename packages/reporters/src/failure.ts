import type { Failure, Notice, Position } from '@svc/contracts';
import { type Paint, type Style, styleFor } from './style.ts';
import { cleanLine, cleanLines, widthOf } from './text.ts';

/** Columns of a source line that are shown; a minified file has lines of any length. */
const FRAME_WIDTH = 100;

/**
 * A failure for people: what is wrong, where, what to do, and the last lines of the command that failed. Several lines,
 * without one break at the end.
 */
export function renderFailure(failure: Failure, { color }: { readonly color: boolean }): string {
  const style = styleFor(color);
  const output = failure.output ?? [];
  return [
    ...headline('✖', style.red, failure, style),
    ...details(failure, style.red, style),
    ...output.map(line => `  ${style.dim('│')} ${cleanLine(line, color)}`),
  ].join('\n');
}

/** The same for a warning. */
export function renderNotice(notice: Notice, { color }: { readonly color: boolean }): string {
  const style = styleFor(color);
  return [...headline('⚠', style.yellow, notice, style), ...details(notice, style.yellow, style)].join('\n');
}

function headline(mark: string, paint: Paint, item: Failure | Notice, style: Style): string[] {
  const [first = '', ...rest] = cleanLines(item.message, false);
  const service =
    item.service !== undefined && !item.message.includes(`"${item.service}"`) ? `${item.service}: ` : '';
  return [
    `${paint(mark)} ${style.bold(`${service}${first}`)} ${style.dim(`[${item.code}]`)}`,
    ...rest.map(line => `  ${style.bold(line)}`),
  ];
}

function details({ position, help }: Failure | Notice, paint: Paint, style: Style): string[] {
  return [
    ...(position ? frame(position, paint, style) : []),
    ...(help === undefined ? [] : cleanLines(help, false).map(line => `  ${line}`)),
  ];
}

/** The place as editors and terminals recognise it, and the line with what is meant underlined. */
function frame(position: Position, paint: Paint, style: Style): string[] {
  const { file, line, column, lineText, length = 1 } = position;
  const place = `  ${style.cyan(`${cleanLine(file, false)}:${line}:${column}`)}`;
  if (lineText === undefined) return [place];
  const { before, meant, after } = cutOut(lineText, column - 1, length);
  const gutter = String(line);
  const blank = ' '.repeat(gutter.length);
  const squiggle = '^'.repeat(Math.max(1, widthOf(meant)));
  return [
    place,
    `    ${style.dim(`${gutter} │`)} ${before}${meant}${after}`.trimEnd(),
    `    ${style.dim(`${blank} │`)} ${' '.repeat(widthOf(before))}${paint(squiggle)}`,
  ];
}

/** The part of a line around what is meant, in three pieces that are safe to print. `start` counts from 0. */
function cutOut(text: string, start: number, length: number) {
  const from = Math.max(0, start - FRAME_WIDTH / 2);
  const end = Math.min(text.length, start + Math.max(1, length), from + FRAME_WIDTH);
  const to = Math.min(text.length, Math.max(end, from + FRAME_WIDTH));
  const piece = (a: number, b: number) => cleanLine(text.slice(a, b).replaceAll('\r', ' '), false);
  const before = (from > 0 ? '…' : '') + piece(from, Math.min(start, text.length));
  return { before, meant: piece(start, end), after: piece(end, to) + (to < text.length ? '…' : '') };
}
