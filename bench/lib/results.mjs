import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileSystemOf } from './file-system.mjs';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'results');

/** Prints the results and keeps them as JSON and as a table in `bench/results/`. */
export async function writeResults(name, results, more) {
  const how = `medians of ${more.rounds} rounds; whole processes, in turn; all files on ${fileSystemOf(tmpdir())}.`;
  await write(name, how, results, more, results.map(section));
}

/** The same for servers under load: requests per second and latencies instead of times. */
export async function writeServeResults(results, router, options) {
  const how = `medians of ${options.rounds} rounds of ${options.seconds} s, ${options.connections} connections (wrk), all on loopback of one machine, in turn.`;
  await write('serve', how, results, { ...options, router }, [
    ...results.map(serveSection),
    routerSection(router),
  ]);
}

/** What a soak has found: a line for each thing that it looks at. */
export async function writeSoakResults(verdicts, options) {
  const { minutes, rate, crashEvery } = options;
  const how = `${rate} requests a second for ${minutes} minutes, a crash at every ${crashEvery}th request to one of the functions.`;
  const rows = verdicts.map(
    ({ name, isGood, text }) => `| ${name} | ${isGood ? 'good' : 'not good'} | ${text} |`,
  );
  await write('soak', how, verdicts, options, ['', '| | | |', '| --- | --- | --- |', ...rows]);
}

/** Prints a part of a benchmark's results, which would replace the whole if it were kept. */
export function printResults(name, results, { rounds }) {
  process.stdout.write(`# ${name}, medians of ${rounds} rounds\n${results.map(section).join('\n')}\n`);
}

async function write(name, how, results, more, sections) {
  const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model ?? '', node: process.version };
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: folder }).toString().trim();
  const data = { date: new Date().toISOString().slice(0, 10), commit, machine, ...more, results };
  const text = [
    `# ${name}`,
    '',
    `${data.date}, commit ${commit}, ${machine.cores} cores (${machine.cpu}), Node ${machine.node}, ${how}`,
    ...sections,
  ].join('\n');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(data, null, 2)}\n`);
  await writeFile(join(folder, `${name}.md`), `${text}\n`);
  process.stdout.write(`${text}\n`);
}

function routerSection({ rules, decisions, median, p99 }) {
  return [
    '',
    `## the router's decision for a public table of ${rules} rules`,
    '',
    `Median ${median.toFixed(1)} µs, p99 ${p99.toFixed(1)} µs of ${decisions} decisions, paths for all rules and for none.`,
  ].join('\n');
}

function serveSection({ title, rows, ratios }) {
  return [
    '',
    `## ${title}`,
    '',
    '| | requests/s | p50 | p99 |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ name, rate, p50, p99 }) =>
        `| ${name} | ${Math.round(rate)} | ${p50.toFixed(2)} ms | ${p99.toFixed(2)} ms |`,
    ),
    '',
    ...Object.entries(ratios).map(([name, value]) => `- ${name}: **${value.toFixed(2)}**`),
  ].join('\n');
}

function section({ title, medians, walls, ratios, peakMemoryOfSvc }) {
  const rows = Object.entries(medians).map(
    ([name, wall]) =>
      `| ${name} | ${seconds(wall)} | ${seconds(Math.min(...walls[name]))} – ${seconds(Math.max(...walls[name]))} |`,
  );
  const compared = Object.entries(ratios).map(([name, value]) => `- ${name}: **${value.toFixed(2)}**`);
  return [
    '',
    `## ${title}`,
    '',
    '| | median | range |',
    '| --- | --- | --- |',
    ...rows,
    '',
    ...compared,
    `- peak memory of svc's main process: ${Math.round(peakMemoryOfSvc)} MB`,
  ].join('\n');
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
