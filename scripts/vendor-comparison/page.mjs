import { isDeepStrictEqual } from 'node:util';
import { VERCEL_VERSION } from '../../bench/lib/peers.mjs';

/** Settings that most functions have, in the order in which people look for them. */
const SETTINGS = ['runtime', 'handler', 'architecture', 'memory', 'maxDuration', 'supportsResponseStreaming'];

/** How many of the functions with the same settings are named. */
const NAMED = 3;

/** The page about all comparisons, in Markdown. */
export function renderPage(results) {
  return [
    "# What svc and the vendor's CLI make of the same services",
    '',
    `One service of each kind, taken from \`fixtures/\`, was built by \`svc build\` and by \`vercel build\` (${VERCEL_VERSION}), each alone in a copy`,
    'of its project. This page compares the two outputs: the functions and their settings (`.vc-config.json`), the files that they consist',
    'of (those that the vendor only refers to, by `filePathMap`, count as its files), the routes in `config.json`, and the static files.',
    'Every difference is explained below its table; `node scripts/compare-with-vendor.mjs` writes this page, and fails where one is not.',
    '',
    "Three things differ everywhere and are not repeated. The vendor's functions mostly refer to files of the checkout, so its output works",
    'only where it was built; ours holds its files. The vendor needs to be told the entrypoint of a backend, which svc finds. And Next.js',
    'makes keys of its own in every build, by whichever tool; they count as equal.',
    '',
    '| service | functions | files of functions | routes | static files | prerendered | kinds of difference |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...results.map(row),
    '',
    'Two numbers are those of svc and of the vendor; one number or *equal* holds for both.',
    '',
    "**Containers** are not in the table: the vendor's CLI builds them only with an account. It asks for a token (`VERCEL_OIDC_TOKEN`) to",
    "push the image to the vendor's registry, and its function then names the image there. svc writes the image into the function as an OCI",
    'archive, or pushes it to a registry of your choice.',
    ...results.flatMap(section),
    '',
  ].join('\n');
}

function row({ compared, ours, theirs, found }) {
  const files = output => Object.values(output.functions).reduce((sum, { files }) => sum + files.size, 0);
  const count = pick => both(pick(ours), pick(theirs));
  return `| ${[
    `[${compared.title}](#${anchor(compared.title)})`,
    count(output => Object.keys(output.functions).length),
    count(files),
    isDeepStrictEqual(ours.config.routes, theirs.config.routes) ? 'equal' : 'differ',
    count(output => Object.keys(output.static).length),
    count(output => Object.keys(output.prerenders).length),
    `${new Set(found.map(({ entry }) => entry)).size}`,
  ].join(' | ')} |`;
}

function both(ours, theirs) {
  return ours === theirs ? `${ours}` : `${ours} / ${theirs}`;
}

function section({ compared, ours, theirs, found }) {
  return [
    '',
    `## ${compared.title}`,
    '',
    `\`${compared.service}\` of \`fixtures/${compared.fixture}\`.`,
    ...settingsTable(ours.functions, theirs.functions),
    '',
    ...(found.length === 0 ? ['The outputs are equal.'] : explained(found)),
  ];
}

function settingsTable(ours, theirs) {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  if (names.length === 0) return [];
  const value = (functions, name, key) => JSON.stringify(functions[name]?.settings[key]) ?? '–';
  const cell = (name, key) => {
    const [a, b] = [value(ours, name, key), value(theirs, name, key)];
    return a === b ? (a === '–' ? a : `\`${a}\``) : `${a} / ${b}`;
  };
  const rows = new Map();
  for (const name of names) {
    const cells = SETTINGS.map(key => cell(name, key)).join(' | ');
    rows.set(cells, [...(rows.get(cells) ?? []), `\`${name}\``]);
  }
  return [
    '',
    `| function | ${SETTINGS.map(key => `\`${key}\``).join(' | ')} |`,
    `| --- |${' --- |'.repeat(SETTINGS.length)}`,
    ...[...rows].map(([cells, functions]) => `| ${shortened(functions)} | ${cells} |`),
  ];
}

function shortened(functions) {
  const more = functions.length - NAMED;
  return more > 1 ? `${functions.slice(0, NAMED).join(', ')} and ${more} more` : functions.join(', ');
}

function explained(found) {
  const entries = new Map();
  for (const each of found) entries.set(each.entry, [...(entries.get(each.entry) ?? []), each]);
  return [...entries].map(([entry, differences]) => {
    const files = differences.filter(({ name }) => /: (?:function|static) file /.test(name));
    const how = files.length > 0 ? ` (${counted(files)})` : '';
    return `- **${entry ? entry.what : 'not explained'}**${how}. ${entry ? entry.because : ''}`;
  });
}

function counted(files) {
  const side = which => files.filter(({ name }) => name.startsWith(`only ${which}:`)).length;
  const sides = [
    [side('svc'), "only in svc's"],
    [side('vendor'), "only in the vendor's"],
  ];
  return sides
    .flatMap(([count, where]) => (count > 0 ? [`${count} ${count === 1 ? 'file' : 'files'} ${where}`] : []))
    .join(', ');
}

function anchor(title) {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-');
}
