// npm run soak: a steady load on `svc start` for ten minutes, with a function that crashes at every 500th of its requests.
// Ends with 1 when an answer is wrong, when something is left behind, or when memory grows. Needs Linux.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSoakResults } from './lib/results.mjs';
import { Client } from './soak/client.mjs';
import { buildProject, startDeployment } from './soak/deployment.mjs';
import { judge } from './soak/judge.mjs';
import { lastingSockets } from './soak/lasting-sockets.mjs';
import { load } from './soak/load.mjs';
import { atRest, familyOf, survivors, watch } from './soak/looks.mjs';
import { unexpected, unexplained } from './soak/lost.mjs';
import { mixed, traffic } from './soak/traffic.mjs';

/** Minutes of a run whose results are kept. */
const FULL = 10;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: String(FULL) },
    rate: { type: 'string', default: '150' },
    'crash-every': { type: 'string', default: '500' },
  },
});
const options = {
  minutes: Number(values.minutes),
  rate: Number(values.rate),
  crashEvery: Number(values['crash-every']),
};

const folder = await mkdtemp(join(tmpdir(), 'svc-soak-'));
try {
  const run = await soak(folder, options);
  const verdicts = judge(run);
  for (const { name, isGood, text } of verdicts)
    say(`${{ true: '✔', false: '✘', null: '-' }[isGood]} ${name}: ${text}`);
  for (const text of run.wrong.slice(0, 20)) say(`  ${text}`);
  const isGood = verdicts.every(verdict => verdict.isGood !== false);
  if (options.minutes >= FULL) await writeSoakResults(verdicts, { ...options, ...run.load });
  say(
    isGood
      ? 'The soak has found nothing wrong.'
      : 'The soak has found something wrong: see the lines with ✘.',
  );
  process.exitCode = isGood ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function soak(project, { minutes, rate, crashEvery }) {
  const files = await buildProject(project);
  const deployment = await startDeployment(project, { crashEvery });
  const client = new Client(deployment.url);
  const { kinds, ...seen } = traffic(files);
  const wrong = [];
  const asked = Object.fromEntries(Object.keys(kinds).map(kind => [kind, 0]));
  const order = mixed();
  const one = async number => {
    const kind = order.next().value;
    asked[kind]++;
    const problem = await kinds[kind](client, `${kind}-${number}`).catch(String);
    if (problem) wrong.push(`${kind}-${number}: ${problem}`);
  };

  // Everything has run once before svc is looked at: every function is up, every part of svc is loaded.
  for (const kind of Object.keys(kinds)) {
    const problem = await kinds[kind](client, `${kind}-first-0`);
    if (problem) throw new Error(`before the load: ${problem}`);
  }
  const sockets = await lastingSockets(client, wrong);
  client.rest();
  const before = await atRest(deployment);
  say(`${rate} requests a second for ${minutes} minutes on ${deployment.url}`);

  const samples = [];
  const watching = watch(deployment, samples);
  const loaded = await load({ rate, seconds: minutes * 60, one });
  await watching.stop();
  await sockets.rest();
  client.rest();
  const after = await atRest(deployment, before);
  const leftInFunction = JSON.parse((await client.ask('/api/counts', { fresh: true })).body.toString());

  const family = familyOf(deployment);
  const code = await deployment.stop();
  await sockets.closed;
  wrong.push(...unexplained(seen.lost, deployment.crashes()), ...unexpected(deployment.problems, seen.lost));
  return {
    load: { requests: loaded.started, mostAtOnce: loaded.most },
    samples,
    wrong,
    before,
    after,
    counts: {
      right: loaded.started - seen.lost.length - wrong.length,
      lost: seen.lost.length,
      crashes: deployment.crashes().length,
      // Of the requests to that function, those lost with it may have reached it or not.
      fewestCrashes: Math.floor((asked.crash - seen.lost.length) / crashEvery),
      mostCrashes: Math.ceil((asked.crash + 1) / crashEvery),
      left: seen.left(),
      leftInFunction,
      pages: seen.pages(),
    },
    stopped: { code, ...(await survivors(family)) },
  };
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
