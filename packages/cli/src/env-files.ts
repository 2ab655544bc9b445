import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type Failure, failed, ok, type Plan, type Project, type Result } from '@svc/contracts';

type Declared = Record<string, Record<string, string>>;

/** The variables of declared env files by service: those of `--env-file` for all, those of `svc.json` for their own. */
export async function readEnvFiles(
  project: Project,
  plan: Plan,
  forAll: readonly string[],
): Promise<Result<Declared>> {
  const failures: Failure[] = [];
  const read = async (shown: string, path: string) => {
    const variables = await readEnvFile(path);
    if (!variables) failures.push(unreadable(shown));
    return variables ?? {};
  };
  const common = await Promise.all(forAll.map(file => read(file, resolve(file))));
  const declared: Declared = {};
  for (const { name, env } of plan.services) {
    const own = await Promise.all(env.files.map(file => read(file, join(project.boundary, file))));
    declared[name] = Object.assign({}, ...common, ...own);
  }
  return failures.length > 0 ? failed(...failures) : ok(declared);
}

async function readEnvFile(path: string): Promise<Record<string, string> | undefined> {
  try {
    const parsed = parseEnv(await readFile(path, 'utf8'));
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) return undefined;
    throw error;
  }
}

function unreadable(file: string): Failure {
  return {
    code: 'config-invalid-env-file',
    message: `the env file ${file} is not there or cannot be read`,
    help: 'Check the path; it is relative to where you are for --env-file, and to the project in svc.json.',
  };
}
