import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Account } from './support/cache-account.ts';
import { edit } from './support/cache-edits.ts';
import { outcomes, treeOf } from './support/cached-project.ts';
import { campaignProject } from './support/campaign-project.ts';
import { copyOf, mishap, randomNumbers } from './support/campaign-rounds.ts';
import { build, temporaryFolder } from './support/cli.ts';

/** `npm run test:cache-campaign` makes 500 edits; every run of the tests makes a few of them. */
const EDITS = Number(process.env.SVC_CAMPAIGN_EDITS ?? 6);
const SEED = Number(process.env.SVC_CAMPAIGN_SEED ?? Math.floor(Date.now() / 86_400_000));
/** Only edits whose names hold one of these texts; for looking into one kind. */
const KINDS = (process.env.SVC_CAMPAIGN_KINDS ?? '').split(',').filter(Boolean);

it(`${EDITS} random edits (seed ${SEED}): what comes from the cache is what a clean build gives`, async () => {
  const random = randomNumbers(SEED);
  const world = await campaignProject();
  const { project, folder, env } = world;
  const clean = join(await temporaryFolder(), 'clean');
  const account = new Account();
  for (let round = 0; round <= EDITS; round++) {
    let what = 'nothing yet';
    if (round > 0) {
      what = edit(world, random, KINDS);
      while (random() < 0.25) what += ` and ${edit(world, random, KINDS)}`;
      what += mishap(world, random);
    }
    copyOf(world, clean);
    // Side by side: neither sees anything of the other.
    const [events] = await Promise.all([
      project.build([], env),
      build(clean, ['--no-cache'], { ...env, SVC_CACHE: 'off' }),
    ]).catch((error: Error) => {
      throw new Error(`after edit ${round} (${what}), seed ${SEED}: ${error.message}`);
    });
    const fresh = treeOf(join(clean, '.vercel/output'));
    account.add(what, outcomes(events), treeOf(join(folder, '.vercel/output')), fresh);
    rmSync(clean, { recursive: true, force: true });
    if (round % 25 === 24) console.log(`${round} edits so far: ${account.summary()}`);
  }
  console.log(`seed ${SEED}: ${account.report()}`);
  expect(account.stale).toEqual([]);
}, 14_400_000);
