import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Builder } from '@svc/builder-kit';
import { answersFromElsewhere } from './checks/answers.ts';
import { stopsWhenCancelled } from './checks/cancellation.ts';
import { runsFromSources } from './checks/development.ts';
import { failsWell } from './checks/failures.ts';
import { isSelfContained, keepsToItself, sameAgain } from './checks/output.ts';
import type { Check, Fixture } from './fixture.ts';
import { Trial } from './trial.ts';
import type { Places } from './workbench.ts';

export type { Places };

const USUAL_TIMEOUT = 120_000;

/** The suite, for an svc whose programs are at these places. See `Conformance` for what it tries. */
export function conformanceAt(
  places: () => Places,
): (builder: Builder, fixtures: readonly Fixture[]) => readonly Check[] {
  return (builder, fixtures) => {
    if (fixtures.length === 0) throw new Error('conformance needs at least one fixture');
    return fixtures.flatMap(fixture => checksOf(builder, fixture, places));
  };
}

const BUILDING: readonly (readonly [string, (trial: Trial) => Promise<void>])[] = [
  ['builds, starts from a copy elsewhere and answers', answersFromElsewhere],
  ['gives the same files again, built in another folder', sameAgain],
  ['leaves an output that refers to nothing outside itself', isSelfContained],
  ['leaves the checkout as it was and holds nothing of anybody else', keepsToItself],
  ['stops when it is told to, and leaves no process', stopsWhenCancelled],
];

const DEVELOPING = [
  'runs from its sources, takes an edit up and leaves no process',
  runsFromSources,
] as const;

function checksOf(builder: Builder, fixture: Fixture, places: () => Places): Check[] {
  const absent = (fixture.needs ?? []).filter(program => !isInstalled(program));
  const reason = absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`;
  // A machine that builds for everybody must have what it takes.
  const skip = process.env.CI ? undefined : reason;
  const { timeout = USUAL_TIMEOUT } = fixture;
  const trial = new Trial(builder, fixture, places);
  const check = (what: string, body: (trial: Trial) => Promise<void>, isLast: boolean): Check => ({
    name: `${fixture.name}: ${what}`,
    skip,
    timeout,
    async run() {
      if (reason !== undefined) throw new Error(reason);
      try {
        await body(trial);
      } finally {
        if (isLast) await trial.end();
      }
    },
  });
  if (fixture.fails) return [check('fails, and says what is wrong and what to do', failsWell, true)];
  if (!fixture.requests || fixture.requests.length === 0) {
    throw new Error(`the fixture "${fixture.name}" asks nothing: give it requests, or fails`);
  }
  if (fixture.edit && !builder.develop) {
    throw new Error(`the fixture "${fixture.name}" has an edit, but the builder has no develop`);
  }
  const checks = fixture.edit ? [...BUILDING, DEVELOPING] : BUILDING;
  return checks.map(([what, body], index) => check(what, body, index === checks.length - 1));
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
