import { fstatSync, writeSync } from 'node:fs';
import { EXIT } from '@svc/contracts';
import type { Output } from '@svc/reporters';

/** Where a command writes. */
export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output & { readonly columns?: number };
  /** Whether people look at standard error as it comes. */
  readonly isTTY: boolean;
}

/** Node's own streams. */
export function nodeStreams(): Streams {
  const stdout = watched(process.stdout);
  const stderr = watched(process.stderr);
  return { stdout, stderr, isTTY: stderr.isTTY === true };
}

/** `svc build --json | head`: whoever stops reading has seen enough. */
function watched(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.done);
  });
}

/**
 * The same for a command that writes a few lines and ends: straight to pipes and files, since loading Node's streams takes 4 ms,
 * half of what a build with nothing to do takes beside Node's own start. Terminals get Node's streams.
 */
export function shortStreams(): Streams {
  if ([1, 2].some(mayBeTerminal)) return nodeStreams();
  return {
    stdout: direct(1, () => process.stdout),
    stderr: direct(2, () => process.stderr),
    isTTY: false,
  };
}

function mayBeTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    // It is closed: Node's streams know what to do then.
    return true;
  }
}

/**
 * @param stream takes over when a reader at the end of a pipe that does not block is slower than we are: from then on all
 * goes there, in its order.
 */
function direct(descriptor: number, stream: () => NodeJS.WriteStream): Output {
  let slow: NodeJS.WriteStream | undefined;
  return {
    write(text) {
      if (slow) return slow.write(text);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) {
        try {
          at += writeSync(descriptor, bytes, at);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code === 'EPIPE') process.exit(EXIT.done);
          if (code !== 'EAGAIN') throw error;
          slow = watched(stream());
          return slow.write(bytes.subarray(at));
        }
      }
      return true;
    },
  };
}
