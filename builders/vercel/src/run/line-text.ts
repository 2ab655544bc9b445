import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '@svc/contracts';

/** Adds the text of the line that a failure points at, so that it can be shown without the sources at hand. */
export async function withLineText<T extends Omit<Failure, 'service'>>(
  failure: T,
  project: string,
): Promise<T> {
  const { position } = failure;
  if (!position || position.lineText !== undefined) return failure;
  // A place that can't be read (generated code, a path of another kind) is still worth naming.
  const text = await readFile(join(project, position.file), 'utf8').catch(() => undefined);
  const lineText = text?.split('\n')[position.line - 1];
  return lineText === undefined ? failure : { ...failure, position: { ...position, lineText } };
}
