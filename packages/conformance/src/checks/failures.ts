import { existsSync } from 'node:fs';
import type { Failure } from '@svc/contracts';
import type { ExpectedFailure } from '../fixture.ts';
import { differences } from '../tree.ts';
import type { Trial } from '../trial.ts';
import { checkout } from '../trial.ts';
import { SERVICE, told } from '../workbench.ts';

/** The build fails with each failure that the fixture expects, and every failure is one that helps. */
export async function failsWell(trial: Trial): Promise<void> {
  const bench = await trial.bench();
  const before = checkout(bench);
  const result = await trial.run(bench);
  if (result.ok) throw new Error('it was built, but the fixture says that it must fail');
  const missing = (trial.fixture.fails ?? []).filter(
    expected => !result.failures.some(failure => fits(failure, expected)),
  );
  const problems = [
    ...missing.map(expected => `no failure fits ${describe(expected)}`),
    ...result.failures.flatMap(lacks),
    ...differences(before, checkout(bench)).map(
      change => `the failed build wrote into the checkout: ${change}`,
    ),
    ...(existsSync(bench.target) ? ['the failed build left a deployment'] : []),
  ];
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\nIt failed with:\n${told(result)}`);
}

function fits(failure: Failure, expected: ExpectedFailure): boolean {
  const { position } = failure;
  return (
    failure.code === expected.code &&
    expected.message.test(failure.message) &&
    (expected.help === undefined || expected.help.test(failure.help ?? '')) &&
    (expected.file === undefined || position?.file === expected.file) &&
    (expected.line === undefined || position?.line === expected.line)
  );
}

/** What every failure must have, whatever its cause. */
function lacks({ code, service, message, help, output, position }: Failure): string[] {
  return [
    ...(service === SERVICE ? [] : [`[${code}] does not name its service`]),
    ...(message.trim() === '' ? [`[${code}] has no message`] : []),
    ...(/\n\s+at .+:\d+:\d+/.test(message) ? [`[${code}] has a stack trace for a message`] : []),
    ...(help === undefined && position === undefined && (output ?? []).length === 0
      ? [`[${code}] does not say what to do: it has no help, no position, and no output of what failed`]
      : []),
  ];
}

function describe({ code, message, help, file, line }: ExpectedFailure): string {
  const place = file === undefined ? '' : ` in ${file}${line === undefined ? '' : `:${line}`}`;
  return `[${code}] ${message}${place}${help === undefined ? '' : `, with the help ${help}`}`;
}
