// @ts-check
// A step of the plan: runs in the service's root, isolated, and writes the service's output.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  architectureOf,
  failed,
  lastLines,
  ok,
  passedOn,
  runProgram,
  runTool,
  writeFunction,
} from 'svc/builder-kit';

/**
 * @typedef {{ entrypoint: string, root: string, files: string[], settings: import('svc/builder-kit').JsonObject }} Input
 * What `plan` has handed to this step.
 */

await runTool(
  /** @param {Input} input */
  async ({ entrypoint, root: shownRoot, files, settings }, { root, output }) => {
    const check = await runProgram('sh', ['-n', entrypoint], { cwd: root, shown: false });
    if (check.status !== 0) return failed(problem(check, shownRoot));

    const serve = fileURLToPath(new URL('../runtime/serve.mjs', import.meta.url));
    const own = files.map(file => /** @type {const} */ ([`app/${file}`, { from: join(root, file) }]));
    await writeFunction(
      output,
      'index',
      {
        runtime: 'nodejs22.x',
        handler: 'serve.mjs',
        launcherType: 'Nodejs',
        architecture: architectureOf(settings),
        environment: { SCRIPT: entrypoint },
        ...passedOn(settings),
      },
      { 'serve.mjs': { from: serve }, ...Object.fromEntries(own) },
    );
    return ok(undefined);
  },
);

/**
 * What the program complained of, with its place: `index.sh: 3: Syntax error: …` (bash writes `line 3`).
 *
 * @param {import('svc/builder-kit').RunEnd} end
 * @param {string} root
 * @returns {import('svc/builder-kit').Failure}
 */
function problem(end, root) {
  const [, file = '', line = '', message = ''] = /^(\S+?): (?:line )?(\d+): (.+)$/m.exec(end.output) ?? [];
  if (file === '') {
    return { code: 'build-failed', message: 'the script cannot be checked', output: lastLines(end.output) };
  }
  return {
    code: 'build-failed',
    message,
    help: 'Correct the script.',
    position: { file: `${root}/${file}`, line: Number(line), column: 1 },
  };
}
