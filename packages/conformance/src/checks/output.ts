import { join } from 'node:path';
import { CANARY } from '../neighbour.ts';
import { differences, filesThatHold, snapshot } from '../tree.ts';
import type { Trial } from '../trial.ts';
import { type Bench, SERVICE } from '../workbench.ts';

/** The service's own tree in the deployment. */
function serviceTree(bench: Bench): string {
  return join(bench.target, 'services', SERVICE);
}

/** Builds the same sources in another folder and compares every file. */
export async function sameAgain(trial: Trial): Promise<void> {
  const [first, second] = [await trial.first(), await trial.build()];
  const isAllowed = (path: string) => trial.fixture.varies?.files.test(path) ?? false;
  const different = differences(
    snapshot(serviceTree(first.bench)),
    snapshot(serviceTree(second.bench)),
  ).filter(line => !isAllowed(line.slice(line.indexOf(' ') + 1)));
  if (different.length > 0) {
    throw new Error(
      `two builds of the same sources, in ${first.bench.project} and ${second.bench.project}, differ:\n${different.join('\n')}`,
    );
  }
}

/** No file of the output names the folder in which it was built. */
export async function isSelfContained(trial: Trial): Promise<void> {
  const { bench } = await trial.first();
  const naming = filesThatHold(serviceTree(bench), bench.project);
  if (naming.length > 0) {
    throw new Error(
      `these files of the output name the folder of the checkout, which is on no other machine:\n${naming.join('\n')}`,
    );
  }
}

/** The checkout is unchanged, and what belongs to the other service or to the caller is not in the output. */
export async function keepsToItself(trial: Trial): Promise<void> {
  const { bench, before, after } = await trial.first();
  const pins = trial.fixture.pins ?? [];
  const changes = differences(before, after).filter(
    line => !pins.includes(line.slice(line.indexOf(' ') + 1)),
  );
  if (changes.length > 0) throw new Error(`the build wrote into the checkout:\n${changes.join('\n')}`);
  const holding = filesThatHold(serviceTree(bench), CANARY);
  if (holding.length > 0) {
    throw new Error(
      `these files hold what belongs to another service, or a variable that nobody admitted:\n${holding.join('\n')}`,
    );
  }
  const foreign = snapshot(join(bench.target, 'services', 'neighbour', 'static'));
  const names = [...foreign.keys()].join(', ');
  if (names !== 'page.txt')
    throw new Error(`the other service's output is ${names || 'empty'} instead of page.txt`);
}
