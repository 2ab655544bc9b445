import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ToolContext } from '@svc/builder-kit';
import { runProgram } from '@svc/builder-kit';
import { failed, ok, type Result } from '@svc/contracts';
import { type InstallInput, PACKAGES, PROGRAMS, SERVER_PACKAGES, WORK_FOLDER } from '../input.ts';
import { type Command, exportLock, installInto } from './commands.ts';
import { installFailure } from './failures.ts';
import { findInterpreter, type Interpreter } from './interpreter.ts';
import { copyEnvironment, findOwnEnvironment, type OwnEnvironment } from './own-environment.ts';
import { type Requirements, readRequirements } from './requirements.ts';
import { serverPackages } from './server-packages.ts';
import { digestOf, readState, type State, writeState } from './state.ts';

/** Settings of the installers that decide what they find, so that a change of registry is a change of packages. */
const INDEX_SETTINGS =
  /^(?:PIP|UV)_(?:.*INDEX.*|FIND_LINKS|CONSTRAINT|PRE|NO_BINARY|ONLY_BINARY|CONFIG_FILE)$/;

/**
 * Finds the interpreter, then installs the service's dependencies and what serves its app into the work folder, unless they
 * are there from an earlier build with the same manifests, interpreter and installer. A new install starts from an empty
 * folder, so what nobody needs any more is gone.
 */
export async function installDependencies(input: InstallInput, { root }: ToolContext): Promise<Result<void>> {
  const own = input.ownInstall ? await findOwnEnvironment(root, input.root) : undefined;
  const wishes = own?.wish ? [own.wish, ...input.wishes] : input.wishes;
  const found = await findInterpreter(wishes, root);
  if (!found.ok) return found;
  const interpreter = found.value;
  process.stdout.write(`Python ${interpreter.version} (${interpreter.executable})\n`);

  const last = await readState(root);
  await mkdir(join(root, WORK_FOLDER), { recursive: true });
  // Built in place, the folder lies in the checkout and is no source.
  await writeFile(join(root, WORK_FOLDER, '.gitignore'), '*\n');
  const packages = own
    ? await takeOver(own, root)
    : await installPackages(input, root, interpreter, last?.packages ?? null);
  if (!packages.ok) return packages;
  const server = await installServer(input, root, interpreter, last?.server ?? null);
  if (!server.ok) return server;
  await linkInterpreter(root, interpreter);
  const { executable, version, minor } = interpreter;
  const state: State = {
    interpreter: { executable, version, minor },
    packages: packages.value,
    server: server.value,
  };
  await writeState(root, state);
  return ok(undefined);
}

async function takeOver({ folder }: OwnEnvironment, root: string): Promise<Result<null>> {
  await intoPlace(root, PACKAGES, async fresh => {
    await copyEnvironment(folder, fresh);
    return ok(undefined);
  });
  return ok(null);
}

/** @returns the digest of what was installed. */
async function installPackages(
  input: InstallInput,
  root: string,
  interpreter: Interpreter,
  last: string | null,
): Promise<Result<string | null>> {
  const read = await readRequirements(input.source, input.installer, root);
  if (!read.ok) return read;
  const requirements = read.value;
  const settings = Object.entries(process.env).filter(([name]) => INDEX_SETTINGS.test(name));
  const digest = digestOf([
    JSON.stringify([input.source, input.installer, interpreter.version, interpreter.platform]),
    JSON.stringify(settings.sort()),
    ...(requirements?.inputs ?? []),
  ]);
  if (last === digest && !requirements?.isLocal) {
    process.stdout.write('the dependencies have not changed\n');
    return ok(digest);
  }
  const installed = await intoPlace(root, PACKAGES, async fresh => {
    if (!requirements) return ok(undefined);
    const prepared = await prepare(input, root, interpreter, requirements);
    if (!prepared.ok) return prepared;
    const { cwd, what } = prepared.value;
    return runInstaller(input, root, installInto(fresh, input.installer, interpreter, what), cwd);
  });
  if (!installed.ok) return installed;
  return ok(requirements?.isLocal ? null : digest);
}

/** What an installer is told, and the folder that paths in it are relative to. */
interface Prepared {
  readonly what: readonly string[];
  readonly cwd: string;
}

/** Writes the files that the installer is to be given. */
async function prepare(
  input: InstallInput,
  root: string,
  interpreter: Interpreter,
  requirements: Requirements,
): Promise<Result<Prepared>> {
  if (requirements.project) return ok({ what: ['.'], cwd: root });
  if (requirements.file !== undefined) return ok({ what: ['-r', requirements.file], cwd: root });
  const file = join(root, TEMPORARY);
  if (requirements.exported && input.source.kind === 'uv-lock') {
    const exported = await runInstaller(input, root, exportLock(file, interpreter));
    // uv writes the folders of a workspace's members as seen from the workspace's root.
    return exported.ok ? ok({ what: ['-r', file], cwd: dirname(join(root, input.source.file)) }) : exported;
  }
  await writeFile(file, `${(requirements.lines ?? []).join('\n')}\n`);
  if (!requirements.constraints) return ok({ what: ['-r', TEMPORARY], cwd: root });
  const constraints = `${WORK_FOLDER}/constraints.txt`;
  await writeFile(join(root, constraints), `${requirements.constraints.join('\n')}\n`);
  return ok({ what: ['-r', TEMPORARY, '-c', constraints], cwd: root });
}

/** Lies in the root, for paths in it are relative to its place or to where the installer runs. */
const TEMPORARY = '.svc-requirements.txt';

async function installServer(
  input: InstallInput,
  root: string,
  interpreter: Interpreter,
  last: string | null,
): Promise<Result<string>> {
  const packages = serverPackages(interpreter, input.app);
  const digest = digestOf([interpreter.minor, interpreter.platform, ...packages]);
  if (last === digest) return ok(digest);
  const installed = await intoPlace(root, SERVER_PACKAGES, async fresh => {
    if (packages.length === 0) return ok(undefined);
    const what = ['--no-deps', ...packages];
    const own: InstallInput = { ...input, source: { kind: 'none' } };
    return runInstaller(own, root, installInto(fresh, input.installer, interpreter, what));
  });
  return installed.ok ? ok(digest) : installed;
}

async function runInstaller(
  input: InstallInput,
  root: string,
  command: Command,
  cwd = root,
): Promise<Result<void>> {
  const end = await runProgram(command.file, command.args, { cwd, env: command.env, shown: true });
  if (end.status === 0) return ok(undefined);
  return failed(await installFailure(input, root, end));
}

/** Fills a new folder and puts it in the place of the old one, so that a killed install never looks finished. */
async function intoPlace(
  root: string,
  folder: string,
  fill: (fresh: string) => Promise<Result<void>>,
): Promise<Result<void>> {
  const place = join(root, folder);
  const fresh = `${place}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const filled = await fill(fresh);
  await rm(join(root, TEMPORARY), { force: true });
  if (!filled.ok) return filled;
  await writeState(root, NOTHING_INSTALLED);
  await rm(place, { recursive: true, force: true });
  await rename(fresh, place);
  return ok(undefined);
}

const NOTHING_INSTALLED: State = {
  interpreter: { executable: '', version: '', minor: '' },
  packages: null,
  server: '',
};

/** Scripts rather than links: an interpreter of a virtual environment finds its packages by the path it is called by. */
async function linkInterpreter(root: string, { executable, minor }: Interpreter): Promise<void> {
  const folder = join(root, PROGRAMS);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name));
  for (const name of ['python', 'python3', `python${minor}`]) {
    const quoted = `'${executable.replaceAll("'", "'\\''")}'`;
    await writeFile(join(folder, name), `#!/bin/sh\nexec ${quoted} "$@"\n`);
    await chmod(join(folder, name), 0o755);
  }
}
