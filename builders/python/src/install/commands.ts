import type { Installer } from '../input.ts';
import type { Interpreter } from './interpreter.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Nothing asks, nothing looks for newer versions of itself, nothing writes bytecode with paths and times in it. */
const QUIET = {
  PYTHONDONTWRITEBYTECODE: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_ROOT_USER_ACTION: 'ignore',
  UV_NO_PROGRESS: '1',
  UV_PYTHON_DOWNLOADS: 'never',
};

/** Installs into a new folder that is to be copied elsewhere: nothing is linked to a cache or to sources. */
export function installInto(
  folder: string,
  installer: Installer,
  interpreter: Interpreter,
  what: readonly string[],
): Command {
  if (installer === 'uv') {
    const target = ['--target', folder, '--python', interpreter.executable];
    const options = ['--link-mode', 'copy', '--color', 'never'];
    return { file: 'uv', args: ['pip', 'install', ...target, ...options, ...what], env: QUIET };
  }
  // It would compare with what the interpreter has installed, which the function never sees.
  const options = [
    '--no-compile',
    '--no-warn-script-location',
    '--no-warn-conflicts',
    '--progress-bar',
    'off',
  ];
  const args = ['-m', 'pip', 'install', '--target', folder, ...options, ...what];
  return { file: interpreter.executable, args, env: QUIET };
}

/** Writes what `uv.lock` holds for the service as a requirements file, without the service itself. */
export function exportLock(file: string, interpreter: Interpreter): Command {
  const what = ['--frozen', '--no-dev', '--no-editable', '--no-emit-project', '--no-header', '--no-annotate'];
  const options = ['--python', interpreter.executable, '--color', 'never', '--quiet'];
  return {
    file: 'uv',
    args: ['export', ...what, ...options, '--format', 'requirements-txt', '--output-file', file],
    env: QUIET,
  };
}
