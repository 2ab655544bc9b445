import { writeSync } from 'node:fs';

export interface HeldLines {
  write(line: string): void;
  flush(): void;
}

/** Milliseconds that lines are held, so that a busy server writes many at once. */
const HOLD = 30;
const MOST_HELD = 65_536;
/** Bytes that wait for a slow reader. */
const MOST_WAITING = 1_048_576;
const NEW_LINE = 10;

/**
 * Lines for a descriptor, written many at once. A reader that has gone or is slow must not stop what it reads about: what it
 * does not take in time is lost, by whole lines.
 */
export function holding(descriptor: number): HeldLines {
  let held = '';
  let waiting: Buffer = Buffer.alloc(0);
  let isBegun = false;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const bytes = waiting.length === 0 ? Buffer.from(held) : Buffer.concat([waiting, Buffer.from(held)]);
    held = '';
    const at = written(descriptor, bytes);
    if (at > 0) isBegun = bytes[at - 1] !== NEW_LINE;
    waiting = remainder(bytes.subarray(at), isBegun);
    if (waiting.length > 0) timer = setTimeout(flush, HOLD).unref();
  };
  return {
    write: line => {
      held += `${line}\n`;
      if (held.length > MOST_HELD) flush();
      else timer ??= setTimeout(flush, HOLD).unref();
    },
    flush,
  };
}

/** How many bytes were taken; all of them when nobody is there to take any (EIO: a closed terminal). */
function written(descriptor: number, bytes: Buffer): number {
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(descriptor, bytes, at);
    return at;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return at;
    if (code === 'EPIPE' || code === 'EIO') return bytes.length;
    throw error;
  }
}

/** What is to be tried again. Of too much, only the line that was begun. */
function remainder(rest: Buffer, isBegun: boolean): Buffer {
  if (rest.length <= MOST_WAITING) return rest;
  return isBegun ? rest.subarray(0, rest.indexOf(NEW_LINE) + 1) : Buffer.alloc(0);
}
