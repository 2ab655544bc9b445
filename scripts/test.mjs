// `npm test`: types, lint and format, unit and conformance tests, end-to-end tests. Runs all of it whatever fails, and
// ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = name => join(root, 'node_modules', '.bin', name);
const totals = { passed: 0, failed: 0, skipped: 0 };

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
// Tests look for pnpm and yarn where npm puts the repository's own tools.
env.PATH = `${join(root, 'node_modules', '.bin')}:${env.PATH}`;

function run(command, args) {
  process.stdout.write(`\n> ${args[0]} ${args.slice(1).join(' ')}\n`);
  return spawnSync(bin(command), args, { cwd: root, env, stdio: 'inherit' }).status === 0;
}

function check(...task) {
  totals[run('turbo', ['run', ...task, '--ui=stream', '--output-logs=new-only']) ? 'passed' : 'failed'] += 1;
}

/** @param more options for vitest. */
function test(project, ...more) {
  const folder = mkdtempSync(join(tmpdir(), 'svc-test-'));
  const file = join(folder, 'results.json');
  const ok = run('vitest', [
    'run',
    '--project',
    project,
    ...more,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  count(file, ok);
  rmSync(folder, { recursive: true, force: true });
}

function count(file, ok) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The runner itself failed; what it printed says why.
    totals.failed += 1;
    return;
  }
  totals.passed += results.numPassedTests;
  totals.failed += results.numFailedTests;
  totals.skipped += results.numPendingTests + results.numTodoTests;
  // A file that cannot even be loaded has no tests that could fail.
  if (!ok && results.numFailedTests === 0) totals.failed += Math.max(1, results.numFailedTestSuites);
}

check('types');
check('lint');
test('unit');
// Each of them keeps a core busy by itself for most of its time, and waits for the rest of it.
test('e2e', '--maxWorkers=2');

// In CI nothing may be skipped: whatever a test needs is installed by `.ci/run`.
const ok = totals.failed === 0 && totals.passed > 0 && !(process.env.CI && totals.skipped > 0);
process.exitCode = ok ? 0 : 1;
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
