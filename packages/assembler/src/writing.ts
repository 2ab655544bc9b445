import { type Failure, failed, type Result } from '@svc/contracts';

/** What the file system says when a user, an administrator or a full disk is in the way, in plain words. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many open files',
  EIO: 'input/output error',
};

/** Runs what writes to `path`; what the file system refuses becomes `output-not-writable`, anything else is a bug and is thrown. */
export async function writing<T>(path: string, action: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await action();
  } catch (error) {
    const failure = writeFailure(path, error);
    if (!failure) throw error;
    return failed(failure);
  }
}

export function writeFailure(path: string, error: unknown): Failure | undefined {
  const { code, path: at } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined) return undefined;
  return {
    code: 'output-not-writable',
    message: `cannot write to ${path}: ${reason}${at && at !== path ? ` (at ${at})` : ''}`,
    help: 'Make the folder writable and its disk have room, or choose another one with --output.',
  };
}

export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
