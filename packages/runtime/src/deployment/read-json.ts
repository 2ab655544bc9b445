import { readFile } from 'node:fs/promises';
import { failed, ok, type Result } from '@svc/contracts';
import { asRecord, type JsonRecord } from './shape.ts';

/**
 * A JSON file that holds an object; undefined where there is none.
 * Fails with `deployment-invalid` when it holds something else.
 */
export async function readJson(path: string, shown: string): Promise<Result<JsonRecord | undefined>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return ok(undefined);
    throw error;
  }
  const value = asRecord(parsed(text));
  return value
    ? ok(value)
    : failed({
        code: 'deployment-invalid',
        message: `${shown} of the deployment is not a JSON object`,
        help: 'Build it again: the file is damaged.',
      });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
