import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { median } from './measure.mjs';
import { SVC } from './peers.mjs';

const RULES = 500;
const DECISIONS = 200_000;

/**
 * How long the router of a real deployment with a public table of 500 rules takes for one decision, in microseconds: for
 * paths that rules from the first to the last stand for, and for some that none does.
 */
export async function routerDecisions() {
  const directory = await mkdtemp(join(tmpdir(), 'svc-bench-router-'));
  try {
    await project(directory);
    execFileSync(process.execPath, [SVC, 'build', directory], { stdio: 'pipe' });
    const { readDeployment, routerOf } = await load(directory);
    const deployment = await readDeployment(join(directory, '.vercel/output'));
    if (!deployment.ok) throw new Error(JSON.stringify(deployment.failures));
    const router = routerOf(deployment.value, {});
    if (!router.ok) throw new Error(JSON.stringify(router.failures));
    return timesOf(router.value);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function timesOf(router) {
  const times = [];
  for (let count = 0; count < 2 * DECISIONS; count++) {
    // A stride without a common factor with the count of rules reaches each of them, in no order that helps.
    const rule = (count * 7919) % (RULES + 20);
    const request = {
      method: 'GET',
      target: `/area-${rule}/items/${count % 97}?page=2`,
      headers: { host: 'localhost', accept: '*/*', 'x-plan': rule % 2 ? 'pro' : 'free' },
      host: 'localhost',
    };
    const began = process.hrtime.bigint();
    const decision = router.decide(request);
    const time = Number(process.hrtime.bigint() - began) / 1000;
    const isRight = rule < RULES ? decision.type === 'static' : decision.type === 'error';
    if (!isRight) throw new Error(`${request.target} was decided as ${decision.type}`);
    // The first half is for the compiler to warm up.
    if (count >= DECISIONS) times.push(time);
  }
  times.sort((a, b) => a - b);
  return {
    rules: RULES,
    decisions: times.length,
    median: median(times),
    p99: times[Math.floor(times.length * 0.99)],
  };
}

/** Rules as people write them: parameters, rests, patterns, conditions. */
async function project(directory) {
  const patterns = ['/:path*', '/items/:id', '/:kind(items|orders)/:id(\\d+)', '/items/(.*)'];
  const rewrites = Array.from({ length: RULES }, (_, rule) => ({
    source: `/area-${rule}${patterns[rule % patterns.length]}`,
    ...(rule % 10 === 0 && { has: [{ type: 'header', key: 'x-plan', value: 'free|pro' }] }),
    destination: { service: 'site', path: '/index.html' },
  }));
  await mkdir(join(directory, 'site'), { recursive: true });
  await writeFile(
    join(directory, 'vercel.json'),
    JSON.stringify({ services: { site: { root: 'site' } }, rewrites }),
  );
  await writeFile(join(directory, 'site', 'index.html'), '<p>here</p>\n');
}

async function load(directory) {
  const folder = fileURLToPath(new URL('../../packages/runtime/src/deployment/', import.meta.url));
  const outfile = join(directory, 'router.mjs');
  await build({
    stdin: {
      contents: "export * from './read.ts'; export * from './tables.ts';",
      resolveDir: folder,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return import(pathToFileURL(outfile));
}
