import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Lets go of a terminal that has been closed. When Node ends it sets the terminal back as it was, and where that fails because
 * the terminal is gone, it aborts instead of ending with the exit code (`ResetStdio` in node's `src/node.cc`).
 */
export function leaveClosedTerminal(): void {
  for (const [descriptor, stream] of [process.stdin, process.stdout, process.stderr].entries()) {
    // Of a closed terminal the system says that it is none.
    if (stream.isTTY && !isatty(descriptor)) closeQuietly(descriptor);
  }
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
  }
}
