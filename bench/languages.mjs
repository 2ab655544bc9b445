import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure, median } from './lib/measure.mjs';
import { SVC } from './lib/peers.mjs';
import { writeResults } from './lib/results.mjs';

const FIXTURE = join(dirname(dirname(fileURLToPath(import.meta.url))), 'fixtures', 'all-languages');
const GENERATED = /(^|\/)(node_modules|dist|target|\.next|\.svc|\.vercel|__pycache__)$/;

/**
 * The project of all languages as one build, and each of its services as a project of its own, in turn: what building
 * them at the same time gains. Outputs and working copies are gone before every build; what package managers and
 * compilers keep for the whole machine is warm, by one build of everything that is not counted.
 */
export async function run(args) {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '3' } } });
  const rounds = Number(values.rounds);
  const directory = await mkdtemp(join(tmpdir(), 'svc-bench-'));
  try {
    await cp(FIXTURE, directory, {
      recursive: true,
      filter: path => !GENERATED.test(path.slice(FIXTURE.length)),
    });
    execFileSync('git', ['init', '-q'], { cwd: directory });
    const config = JSON.parse(await readFile(join(directory, 'vercel.json'), 'utf8'));
    const builds = { 'all services, one build': config, ...eachAlone(config) };
    await build(directory, config);
    const walls = Object.fromEntries(Object.keys(builds).map(name => [name, []]));
    let peak = 0;
    for (let round = 0; round < rounds; round++) {
      for (const [name, each] of Object.entries(builds)) {
        const measured = await build(directory, each);
        walls[name].push(measured.wall);
        if (each === config) peak = Math.max(peak, measured.peak);
      }
    }
    await writeResults('languages', [result(walls, peak)], { rounds });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function result(walls, peakMemoryOfSvc) {
  const medians = Object.fromEntries(Object.entries(walls).map(([name, all]) => [name, median(all)]));
  const [whole, ...alone] = Object.values(medians);
  const sum = alone.reduce((total, each) => total + each, 0);
  return {
    title: 'Next.js, Vite, static files, Hono, FastAPI, Django, Go, Rust and a container, built cold',
    walls,
    medians,
    ratios: { 'one build / sum of the services by themselves (target: at most 0.6)': whole / sum },
    peakMemoryOfSvc,
  };
}

/** The configuration of each service by itself; bindings lead to services that are then not there. */
function eachAlone({ services }) {
  return Object.fromEntries(
    Object.entries(services).map(([name, { bindings: _, ...service }]) => [
      `${name} alone`,
      { services: { [name]: service }, rewrites: [{ source: '/(.*)', destination: { service: name } }] },
    ]),
  );
}

async function build(directory, config) {
  await writeFile(join(directory, 'vercel.json'), JSON.stringify(config, null, 2));
  for (const left of ['.svc', '.vercel', 'node_modules'])
    await rm(join(directory, left), { recursive: true, force: true });
  return measure(process.execPath, [SVC, 'build'], {
    cwd: directory,
    // What is measured is building, not finding results again.
    env: { SVC_CACHE: 'off' },
  });
}
