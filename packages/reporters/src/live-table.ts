import { never } from '@svc/contracts';
import type { Row } from './live-state.ts';
import type { Style } from './style.ts';
import { fit, truncate, widthOf } from './text.ts';
import { formatDuration } from './units.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_TIME = 100;

/** What the rows are about to end with comes first, when there is no room for all. */
const IMPORTANCE: Record<Row['state'], number> = { failed: 0, running: 1, waiting: 2, done: 3, kept: 4 };

export interface TableSpace {
  readonly columns: number;
  readonly rows: number;
}

/** The lines of the table, each narrower than the terminal, no more than it has rows. */
export function tableLines(all: readonly Row[], space: TableSpace, now: number, style: Style): string[] {
  // The last row is left to the cursor; the last column too, because some terminals break the line there.
  const height = Math.max(1, space.rows - 1);
  const width = Math.max(1, space.columns - 1);
  const shown = all.length <= height ? all : mostImportant(all, height - 1);
  const names = Math.min(20, Math.max(0, ...all.map(({ name }) => widthOf(name))));
  const lines = shown.map(row => truncate(rowText(row, names, width, now, style), width));
  if (shown.length === all.length) return lines;
  return [...lines, truncate(style.dim(rest(all.filter(row => !shown.includes(row)))), width)];
}

/** The order of the table is kept: rows must not jump about. */
function mostImportant(all: readonly Row[], most: number): readonly Row[] {
  const ranked = [...all].sort((a, b) => IMPORTANCE[a.state] - IMPORTANCE[b.state]);
  const chosen = new Set(ranked.slice(0, Math.max(0, most)));
  return all.filter(row => chosen.has(row));
}

function rest(rows: readonly Row[]): string {
  const states = (Object.keys(IMPORTANCE) as Row['state'][]).flatMap(state => {
    const number = rows.filter(row => row.state === state).length;
    return number > 0 ? [`${number} ${state}`] : [];
  });
  return `  and ${states.join(', ')}`;
}

function rowText(row: Row, names: number, width: number, now: number, style: Style): string {
  const name = fit(row.name, names);
  const head = `${mark(row, now, style)} ${row.state === 'running' ? style.bold(name) : name}`;
  const time = timeOf(row, now).padStart(9);
  const left = width - 2 - names - time.length - 1;
  if (left < 8) return head.trimEnd();
  const step = row.state === 'failed' ? style.red(row.step) : row.step;
  if (row.line === '' || left < 40) return `${head} ${style.dim(time)} ${truncate(step, left - 1)}`;
  const stepWidth = Math.min(28, widthOf(row.step));
  return `${head} ${style.dim(time)} ${fit(step, stepWidth)}  ${style.dim(truncate(row.line, left - stepWidth - 3))}`;
}

function timeOf(row: Row, now: number): string {
  if (row.duration !== undefined) return formatDuration(row.duration);
  if (row.state !== 'running') return '';
  const elapsed = now - row.since;
  // Tenths of a second that run are hard to read; they are shown when the row has come to its end.
  return elapsed < 60_000 ? `${Math.floor(elapsed / 1000)} s` : formatDuration(elapsed);
}

function mark(row: Row, now: number, style: Style): string {
  switch (row.state) {
    case 'waiting':
      return style.dim('·');
    case 'running':
      return style.cyan(SPINNER[Math.floor(now / FRAME_TIME) % SPINNER.length] ?? '·');
    case 'done':
      return style.green('✔');
    case 'kept':
      return style.dim('•');
    case 'failed':
      return style.red('✖');
    default:
      return never(row.state);
  }
}
