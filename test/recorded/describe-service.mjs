import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * What is worth comparing of a service's output tree, whoever built it: `config.json`, the settings of functions and prerenders, the
 * paths of static files. Values that Next.js draws by lot for every build are replaced.
 */
export async function describeService(folder) {
  const functions = {};
  const prerenders = {};
  const files = [];
  for (const path of (await filesIn(folder)).sort()) {
    if (path.startsWith('functions/')) {
      const name = path.slice('functions/'.length);
      const [fn] = name.split('.func');
      if (name === `${fn}.func`) functions[fn] = { link: await readlink(join(folder, path)) };
      else if (name === `${fn}.func/.vc-config.json`) functions[fn] = settings(await json(folder, path));
      else if (name.endsWith('.prerender-config.json')) prerenders[name] = await json(folder, path);
    } else if (path.startsWith('static/')) files.push(path);
  }
  const config = await json(folder, 'config.json');
  // An empty list says nothing.
  if (config.crons?.length === 0) delete config.crons;
  return withoutLots({ config, functions, prerenders, files });
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile() || entry.isSymbolicLink())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)));
}

async function json(folder, path) {
  return JSON.parse(await readFile(join(folder, path), 'utf8'));
}

function settings({ filePathMap: _, environment, ...config }) {
  return { ...config, environment: Object.keys(environment ?? {}).sort() };
}

/** The preview token is new in every build; it stands in routes and in prerenders. */
function withoutLots(described) {
  const token = Object.values(described.prerenders).map(({ bypassToken }) => bypassToken).find(Boolean);
  const text = JSON.stringify(described);
  return JSON.parse(token ? text.replaceAll(token, 'PREVIEW-TOKEN') : text);
}
