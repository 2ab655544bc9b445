// Builds one service of each kind with svc and with the vendor's CLI, compares what they made, and writes the comparison to
// docs/vendor-comparison.md. Ends with 1 where a difference has no explanation in vendor-comparison/explanations.mjs.
//
//   node scripts/compare-with-vendor.mjs [--only TITLE] [--keep FOLDER]
//
// Needs the network, and Python 3.12 or later, Go and Cargo on PATH. FOLDER keeps the projects and outputs; what is there is not built again.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildBoth, prepareTools } from './vendor-comparison/build.mjs';
import { differences } from './vendor-comparison/differences.mjs';
import { explain, unusedExplanations } from './vendor-comparison/explanations.mjs';
import { renderPage } from './vendor-comparison/page.mjs';
import { readOutput } from './vendor-comparison/read.mjs';
import { SERVICES } from './vendor-comparison/services.mjs';

const { values } = parseArgs({ options: { only: { type: 'string' }, keep: { type: 'string' } } });
const scratch = values.keep ?? (await mkdtemp(join(tmpdir(), 'svc-vendor-')));
const page = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs', 'vendor-comparison.md');
const problems = [];
try {
  const tools = await prepareTools(scratch);
  const results = [];
  for (const compared of SERVICES.filter(({ title }) => !values.only || title === values.only)) {
    process.stdout.write(`${compared.title}: `);
    const trees = await buildBoth(compared, scratch, tools);
    const ours = await readOutput(trees.ours);
    const theirs = await readOutput(trees.theirs);
    const found = differences(ours, theirs).map(each => ({ ...each, entry: explain(compared, each.name) }));
    results.push({ compared, ours, theirs, found });
    const unexplained = found.filter(({ entry }) => entry === undefined);
    for (const each of unexplained.slice(0, 40))
      problems.push(
        `${compared.title}: not explained: ${each.name}\n  svc    ${shown(each.ours)}\n  vendor ${shown(each.theirs)}`,
      );
    if (compared.routesMustBeEqual && found.some(({ name }) => name === 'config.json: routes'))
      problems.push(`${compared.title}: the routes differ`);
    process.stdout.write(`${found.length} differences, ${unexplained.length} of them not explained\n`);
  }
  if (!values.only) {
    problems.push(...unusedExplanations().map(each => `explains nothing any more: ${each}`));
    await writeFile(page, renderPage(results));
  }
} finally {
  if (!values.keep) await rm(scratch, { recursive: true, force: true });
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

function shown(value) {
  return JSON.stringify(value)?.slice(0, 600) ?? '-';
}
