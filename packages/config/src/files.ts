import { readFile } from 'node:fs/promises';
import { type Failure, failed, ok, type Result } from '@svc/contracts';

/** An error that the file system gave, as opposed to a bug. */
export function isFileSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/**
 * The text of a file; undefined when there is none. Anything else that keeps it from being read is a `config-not-found`
 * failure that names it as `shown`.
 */
export async function readIfPresent(path: string, shown: string): Promise<Result<string | undefined>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ok(undefined);
    return failed(unreadable(shown, error.code));
  }
}

function unreadable(shown: string, code: string | undefined): Failure {
  const reason =
    code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : String(code);
  return {
    code: 'config-not-found',
    message: `${shown} cannot be read: ${reason}`,
    help: 'svc needs it as a file that you may read.',
    position: { file: shown, line: 1, column: 1 },
  };
}
