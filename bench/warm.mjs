import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fileSystemOf } from './lib/file-system.mjs';
import { measure, median } from './lib/measure.mjs';
import { SVC, TURBO } from './lib/peers.mjs';
import { generateProject, serviceName } from './lib/project.mjs';
import { printResults, writeResults } from './lib/results.mjs';

/**
 * Builds with nothing to do, with everything to restore, and with one service of 100 to build: svc beside `turbo run build`
 * with everything cached, on the same generated project, whole processes, in turn.
 *
 * Outputs are restored in two states of the file system. In the first they were moved away, and nothing was deleted in the
 * minute before. In the second they were deleted a moment ago: an ext4 file system without a journal, as virtual machines often
 * have, then passes over the inodes of the deleted files one by one whenever a file is made, for a minute or more. Which of the tools
 * that hits harder depends on where its folders happen to lie, and changes from project to project.
 *
 * `--only 100` runs one size, `--scenario nothing | restore | deleted | change` one kind of build; such a part is only printed.
 * `--keep FOLDER` leaves the projects with filled caches there, so that the next run need not wait for 1,000 services twice.
 */
export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      scenario: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  const scenarios = values.scenario ? [values.scenario] : ['nothing', 'restore', 'deleted', 'change'];
  const results = [];
  for (const count of [10, 100, 1000]) {
    if (values.only && values.only !== String(count)) continue;
    results.push(...(await compare(count, rounds, scenarios, values.keep)));
  }
  if (values.only || values.scenario) printResults('warm', results, { rounds });
  else await writeResults('warm', results, { rounds });
}

async function compare(count, rounds, scenarios, keep) {
  const { directory, caches, remove } = await prepared(count, keep);
  const svc = () =>
    measure(process.execPath, [SVC, 'build'], { cwd: directory, env: { SVC_CACHE_DIR: caches } });
  const turbo = () =>
    measure(TURBO, ['run', 'build', '--no-daemon', '--output-logs=errors-only'], { cwd: directory });
  const node = () => measure(process.execPath, ['-e', '0'], { cwd: directory });
  const sections = {
    nothing: async () => {
      const warm = await inTurn(rounds, { svc, turbo, 'node -e 0': node }, async () => {});
      return section(`${count} services, nothing to do`, warm, {
        'svc / turbo': warm.medians.svc / warm.medians.turbo,
        'svc / node -e 0': warm.medians.svc / warm.medians['node -e 0'],
        'memory of svc / turbo': warm.peaks.svc / warm.peaks.turbo,
      });
    },
    restore: async () => {
      const aside = await mkdtemp(`${directory}-aside-`);
      await settle(directory);
      const restored = await inTurn(rounds, { svc, turbo }, tool =>
        moveAway(directory, outputsOf(count, tool), aside),
      );
      await rm(aside, { recursive: true, force: true });
      return restoredSection(`${count} services, all outputs gone`, restored);
    },
    deleted: async () => {
      const restored = await inTurn(rounds, { svc, turbo }, tool =>
        removeAll(directory, outputsOf(count, tool)),
      );
      return restoredSection(`${count} services, all outputs deleted a moment ago`, restored);
    },
    change: async () => (count === 100 ? oneOfMany(directory, rounds, svc) : undefined),
  };
  try {
    // Fills both caches; the second svc build notices what turbo has left in the services' folders.
    for (const once of [svc, turbo, svc, svc]) await once();
    const results = [];
    for (const scenario of scenarios) {
      const result = await sections[scenario]();
      if (result) results.push(result);
    }
    return results;
  } finally {
    await remove();
  }
}

/** A generated project and a folder for svc's cache: in `keep` from the last time where they are there. */
async function prepared(count, keep) {
  if (!keep) {
    const folder = await mkdtemp(join(tmpdir(), 'svc-bench-'));
    const directory = join(folder, 'project');
    await makeProject(directory, count);
    const remove = () => rm(folder, { recursive: true, force: true });
    return { directory, caches: join(folder, 'cache'), remove };
  }
  const directory = join(keep, String(count), 'project');
  if (!existsSync(join(directory, '.git'))) await makeProject(directory, count);
  return { directory, caches: join(keep, String(count), 'cache'), remove: async () => {} };
}

/** One file of one service changes: what that costs beyond a build with nothing to do and the service's own command. */
async function oneOfMany(directory, rounds, svc) {
  const walls = { warm: [], 'one service changed': [], 'its own command': [] };
  const peaks = [];
  for (let round = 0; round < rounds; round++) {
    await svc();
    walls.warm.push((await svc()).wall);
    appendFileSync(join(directory, 'apps', serviceName(7), 'index.html'), `<p>${round}</p>\n`);
    const changed = await svc();
    walls['one service changed'].push(changed.wall);
    peaks.push(changed.peak);
    const own = await measure(process.execPath, ['build.mjs'], {
      cwd: join(directory, 'apps', serviceName(7)),
    });
    walls['its own command'].push(own.wall);
    await rm(join(directory, 'apps', serviceName(7), 'dist'), { recursive: true, force: true });
  }
  const medians = Object.fromEntries(Object.entries(walls).map(([name, all]) => [name, median(all)]));
  const over = medians['one service changed'] - medians['its own command'] - medians.warm;
  return {
    title: '100 services, one file of one service changed',
    walls,
    medians,
    ratios: { 'seconds over the warm build and the service’s own command': over / 1000 },
    peakMemoryOfSvc: Math.max(...peaks),
  };
}

async function inTurn(rounds, tools, before) {
  const walls = Object.fromEntries(Object.keys(tools).map(name => [name, []]));
  const peaks = Object.fromEntries(Object.keys(tools).map(name => [name, 0]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, once] of Object.entries(tools)) {
      await before(name);
      const { wall, peak } = await once();
      walls[name].push(wall);
      peaks[name] = Math.max(peaks[name], peak ?? 0);
    }
  }
  const medians = Object.fromEntries(Object.entries(walls).map(([name, all]) => [name, median(all)]));
  return { walls, medians, peaks };
}

function section(title, { walls, medians, peaks }, ratios) {
  return { title, walls, medians, ratios, peakMemoryOfSvc: peaks.svc };
}

function restoredSection(title, restored) {
  return section(title, restored, { 'svc / turbo': restored.medians.svc / restored.medians.turbo });
}

function outputsOf(count, tool) {
  if (tool === 'svc') return ['.vercel/output'];
  return Array.from({ length: count }, (_, index) => `apps/${serviceName(index)}/dist`);
}

async function removeAll(directory, paths) {
  await Promise.all(paths.map(path => rm(join(directory, path), { recursive: true, force: true })));
}

async function moveAway(directory, paths, aside) {
  const place = await mkdtemp(join(aside, 'round-'));
  for (const [index, path] of paths.entries()) await rename(join(directory, path), join(place, `${index}`));
}

/** Seconds: ext4 remembers what was deleted for a minute at least. */
const REMEMBERED = 65;

async function settle(directory) {
  if (fileSystemOf(directory) !== 'ext4') return;
  execFileSync('sync');
  await setTimeout(REMEMBERED * 1000);
}

async function makeProject(directory, count) {
  await generateProject(directory, { count, seconds: 0 });
  const git = args =>
    execFileSync('git', ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', ...args], { cwd: directory });
  git(['init', '-q']);
  git(['add', '-A']);
  git(['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', 'commit', '-qm', 'project']);
}
