import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Step } from '@svc/contracts';

/** Milliseconds by step id, as the last run that got that far measured them. */
export type Timings = Readonly<Record<string, number>>;

/** Nothing depends on these but the order in which steps start, so what can't be read is as good as none. */
export async function readTimings(file: string): Promise<Timings> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

export async function writeTimings(file: string, timings: Timings): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, JSON.stringify(timings, null, 1));
  await rename(aside, file);
}

/**
 * How long the rest of the run waits for a step: its own time and that of the longest chain of steps behind it. Starting
 * the longest first keeps all cores busy to the end.
 */
export function remainingTimes(steps: readonly Step[], timings: Timings): Map<string, number> {
  const remaining = new Map<string, number>();
  for (const step of [...steps].reverse()) {
    const behind = steps
      .filter(other => other.needs.includes(step.id))
      .map(other => remaining.get(other.id) ?? 0);
    remaining.set(step.id, (timings[step.id] ?? 0) + Math.max(0, ...behind));
  }
  return remaining;
}
