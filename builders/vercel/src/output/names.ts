import { posix } from 'node:path';
import { ContractError } from '../host/errors.ts';

/** An output's path without slashes at its ends or twice in a row; the root itself is `index`. It may not climb out. */
export function outputName(path: string): string {
  const name = posix.normalize(path.replaceAll('\\', '/')).replace(/^\/+|\/+$/g, '');
  if (name === '..' || name.startsWith('../')) {
    throw new ContractError(`it returned an output at "${path}", which lies outside of its own outputs`);
  }
  return name === '' || name === '.' ? 'index' : name;
}

/** A file's path in a function. It may not climb out either. */
export function bundlePath(path: string): string {
  const name = posix.normalize(path.replaceAll('\\', '/')).replace(/^\/+/, '');
  if (name === '..' || name.startsWith('../')) {
    throw new ContractError(
      `it returned a function with a file at "${path}", which lies outside of the function`,
    );
  }
  return name;
}
