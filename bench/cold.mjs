import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, median } from './lib/measure.mjs';
import { installVercel, SVC, TURBO, VERCEL_VERSION } from './lib/peers.mjs';
import { generateProject, serviceName } from './lib/project.mjs';
import { writeResults } from './lib/results.mjs';

/** Builds with nothing cached: svc, the vendor's CLI and turbo on the same generated project, in turn, several rounds. */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '5' }, only: { type: 'string' } },
  });
  const rounds = Number(values.rounds);
  const wanted = name => !values.only || values.only === name;
  const results = [];
  if (wanted('work'))
    results.push(await compare('10 services, 0.5 s of CPU each', { count: 10, seconds: 0.5 }, rounds, true));
  if (wanted('many'))
    results.push(await compare('100 services, no work', { count: 100, seconds: 0 }, rounds, false));
  if (wanted('outside')) results.push(await outside(rounds));
  await writeResults('cold', results, { rounds, vercel: VERCEL_VERSION });
}

async function compare(title, shape, rounds, withVercel) {
  const directory = await project(shape);
  const tools = {
    svc: () => measure(process.execPath, [SVC, 'build', '--no-cache'], { cwd: directory }),
    turbo: () =>
      measure(TURBO, ['run', 'build', '--force', '--no-daemon', '--output-logs=errors-only'], {
        cwd: directory,
      }),
    ...(withVercel && { 'vercel build': vercelBuild(directory) }),
  };
  const walls = Object.fromEntries(Object.keys(tools).map(name => [name, []]));
  const peaks = [];
  for (let round = 0; round < rounds; round++) {
    for (const [name, once] of Object.entries(tools)) {
      await clean(directory, shape.count);
      const { wall, peak } = await once();
      walls[name].push(wall);
      if (name === 'svc') peaks.push(peak);
    }
  }
  await rm(directory, { recursive: true, force: true });
  const medians = Object.fromEntries(Object.entries(walls).map(([name, all]) => [name, median(all)]));
  const ratios = Object.fromEntries(
    Object.keys(medians)
      .filter(name => name !== 'svc')
      .map(name => [`svc / ${name}`, medians.svc / medians[name]]),
  );
  return { title, walls, medians, ratios, peakMemoryOfSvc: Math.max(...peaks) };
}

function vercelBuild(directory) {
  const vercel = installVercel();
  return () => measure(vercel, ['build', '--yes'], { cwd: directory });
}

/**
 * The same ten commands by themselves, as many at a time as there are cores, are what svc's own time is counted from. Without
 * the cache, which would make the second build one with nothing to do; and with it, as users have it.
 */
async function outside(rounds) {
  const count = 10;
  const names = [
    'svc, first build',
    'svc, second build',
    'svc with the cache, first build',
    'svc with the cache, second build',
  ];
  const walls = { commands: [], ...Object.fromEntries(names.map(name => [name, []])) };
  const peaks = [];
  const directory = await project({ count, seconds: 0.5, outside: 100_000 });
  const caches = await mkdtemp(join(tmpdir(), 'svc-bench-cache-'));
  const build = async (name, env) => {
    const { wall, peak } = await measure(process.execPath, [SVC, 'build'], { cwd: directory, env });
    walls[name].push(wall);
    peaks.push(peak);
  };
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    await clean(directory, count);
    walls.commands.push(await commandsAlone(directory, count));
    for (const [label, env] of [
      ['svc', { SVC_CACHE: 'off' }],
      ['svc with the cache', { SVC_CACHE_DIR: join(caches, String(round)) }],
    ]) {
      await clean(directory, count);
      await build(`${label}, first build`, env);
      await build(`${label}, second build`, env);
    }
  }
  await rm(directory, { recursive: true, force: true });
  await rm(caches, { recursive: true, force: true });
  const medians = Object.fromEntries(Object.entries(walls).map(([name, all]) => [name, median(all)]));
  return {
    title: '10 services, 0.5 s of CPU each, beside 100,000 files',
    walls,
    medians,
    ratios: Object.fromEntries(
      names.map(name => [`${name}: seconds over the commands`, (medians[name] - medians.commands) / 1000]),
    ),
    peakMemoryOfSvc: Math.max(...peaks),
  };
}

async function commandsAlone(directory, count) {
  const waiting = Array.from({ length: count }, (_, index) => join(directory, 'apps', serviceName(index)));
  const began = performance.now();
  const worker = async () => {
    for (let cwd = waiting.shift(); cwd; cwd = waiting.shift()) {
      await new Promise(resolve =>
        spawn('/bin/sh', ['-c', 'node build.mjs'], { cwd, stdio: 'ignore' }).on('close', resolve),
      );
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return performance.now() - began;
}

// Without maintenance, which would go on in the background while we measure.
const GIT = [
  '-c',
  'user.name=bench',
  '-c',
  'user.email=bench@example.com',
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
];

async function project(shape) {
  const directory = await mkdtemp(join(tmpdir(), 'svc-bench-'));
  await generateProject(directory, shape);
  const git = args =>
    execFileSync('git', [...GIT, ...args], {
      cwd: directory,
    });
  git(['init', '-q']);
  git(['add', '-A']);
  git(['commit', '-qm', 'project']);
  return directory;
}

async function clean(directory, count) {
  const left = ['.svc', '.vercel/output', '.turbo', 'node_modules'];
  for (let index = 0; index < count; index++)
    left.push(
      `apps/${serviceName(index)}/dist`,
      `apps/${serviceName(index)}/.turbo`,
      `apps/${serviceName(index)}/.vercel`,
    );
  await Promise.all(left.map(path => rm(join(directory, path), { recursive: true, force: true })));
}
