import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lastLines, runProgram, type ToolContext } from '@svc/builder-kit';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { ENVIRONMENT, SERVER_FILE } from '../develop.ts';
import type { InstallInput } from '../input.ts';
import { type Command, exportLock } from '../install/commands.ts';
import { installFailure } from '../install/failures.ts';
import { findInterpreter, type Interpreter } from '../install/interpreter.ts';
import { type Requirements, readRequirements } from '../install/requirements.ts';
import { digestOf } from '../install/state.ts';

/** What serves ASGI apps that bring no server of their own. */
const ASGI_SERVER = ['uvicorn', 'websockets'];
const QUIET = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1', PIP_ROOT_USER_ACTION: 'ignore' };

/**
 * Makes the virtual environment in which `svc dev` runs a service, in `output`, unless the one that is there came from the same
 * manifests, interpreter and installer. A new one starts empty, so what nobody needs any more is gone. Local packages are
 * installed in editable form where the manifest says so: their sources are what is being worked on.
 *
 * @param server text of the program that serves apps in a deployment.
 */
export async function makeEnvironment(
  input: InstallInput,
  { root, output }: ToolContext,
  server: string,
): Promise<Result<void>> {
  const found = await findInterpreter(input.wishes, root);
  if (!found.ok) return found;
  const interpreter = found.value;
  const read = await readRequirements(input.source, input.installer, root);
  if (!read.ok) return read;
  await mkdir(output, { recursive: true });
  await writeServer(input, output, server);

  const environment = join(output, ENVIRONMENT);
  const stamp = join(output, 'venv.stamp');
  const { executable, version } = interpreter;
  const digest = digestOf([
    JSON.stringify([input.source, input.installer, input.app.interface, executable, version, environment]),
    ...(read.value?.inputs ?? []),
  ]);
  const last = existsSync(stamp) ? await readFile(stamp, 'utf8') : undefined;
  if (last === digest && existsSync(join(environment, 'bin', 'python'))) return ok(undefined);

  await rm(stamp, { force: true });
  await rm(environment, { recursive: true, force: true });
  const steps = await commandsFor(input, root, output, environment, interpreter, read.value);
  for (const { command, cwd } of steps) {
    const end = await runProgram(command.file, command.args, { cwd, env: command.env, shown: true });
    if (end.status === 0) continue;
    if (end.startError && input.installer === 'pip') return failed(notStarted(command, end.startError));
    if (end.output.includes('ensurepip')) return failed(withoutVenv(interpreter, end.output));
    return failed(await installFailure(input, root, end));
  }
  await writeFile(stamp, digest);
  return ok(undefined);
}

interface PlacedCommand {
  readonly command: Command;
  readonly cwd: string;
}

async function commandsFor(
  input: InstallInput,
  root: string,
  output: string,
  environment: string,
  interpreter: Interpreter,
  requirements: Requirements | undefined,
): Promise<PlacedCommand[]> {
  const create: Command =
    input.installer === 'uv'
      ? { file: 'uv', args: ['venv', '--python', interpreter.executable, environment], env: {} }
      : { file: interpreter.executable, args: ['-m', 'venv', environment], env: {} };
  const commands: PlacedCommand[] = [{ command: create, cwd: root }];
  const install = (what: readonly string[], cwd = root) =>
    commands.push({ command: installInto(environment, input, what), cwd });
  if (requirements?.exported && input.source.kind === 'uv-lock') {
    const file = join(output, 'requirements.txt');
    commands.push({ command: exportLock(file, interpreter), cwd: root });
    install(['-r', file], dirname(join(root, input.source.file)));
  } else if (requirements?.project) install(['-e', '.']);
  else if (input.source.kind === 'requirements') install(['-r', 'requirements.txt']);
  else if (requirements?.file !== undefined) install(['-r', requirements.file]);
  else if (requirements) install(await written(output, requirements));
  // Without a version: whatever the service itself has asked for stays.
  if (input.app.interface !== 'wsgi') install(ASGI_SERVER);
  return commands;
}

async function written(output: string, { lines, constraints }: Requirements): Promise<string[]> {
  const file = join(output, 'requirements.txt');
  await writeFile(file, `${(lines ?? []).join('\n')}\n`);
  if (!constraints) return ['-r', file];
  const limits = join(output, 'constraints.txt');
  await writeFile(limits, `${constraints.join('\n')}\n`);
  return ['-r', file, '-c', limits];
}

function installInto(environment: string, { installer }: InstallInput, what: readonly string[]): Command {
  const python = join(environment, 'bin', 'python');
  return installer === 'uv'
    ? { file: 'uv', args: ['pip', 'install', '--python', python, '--color', 'never', ...what], env: QUIET }
    : { file: python, args: ['-m', 'pip', 'install', '--quiet', ...what], env: QUIET };
}

async function writeServer({ app }: InstallInput, output: string, server: string): Promise<void> {
  await writeFile(join(output, SERVER_FILE), server);
  if (!app.factory) return;
  const text = `from ${app.module} import ${app.attribute}\n\napp = ${app.attribute}()\n`;
  await writeFile(join(output, 'vc_app.py'), text);
}

function notStarted({ file }: Command, { message }: Error): Failure {
  return { code: 'install-failed', message: `${file} could not be started: ${message}` };
}

/** Debian and others ship Python without what makes virtual environments. */
function withoutVenv({ executable, minor }: Interpreter, output: string): Failure {
  return {
    code: 'tool-missing',
    message: `${executable} cannot make virtual environments`,
    help: `Install what it lacks (on Debian and Ubuntu: apt install python${minor}-venv), or uv.`,
    output: lastLines(output),
  };
}
