import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { type Failure, failed, ok, type Result } from '@svc/contracts';

/** The variables of `--env-file`; later files win. Fails with `config-invalid-env-file` for each that cannot be read. */
export async function readDeclaredEnv(
  files: readonly string[],
): Promise<Result<Readonly<Record<string, string>>>> {
  const variables: Record<string, string> = {};
  const failures: Failure[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) failures.push(unreadable(file));
    else Object.assign(variables, parseEnv(text));
  }
  return failures.length > 0 ? failed(...failures) : ok(variables);
}

function unreadable(file: string): Failure {
  return {
    code: 'config-invalid-env-file',
    message: `the env file ${file} is not there or cannot be read`,
    help: 'Check the path; it is relative to where you are.',
  };
}
