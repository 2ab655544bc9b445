import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** What a service's output tree says: its configuration, its functions with settings and files, its static files. */
export async function readOutput(tree) {
  const config = JSON.parse(await readFile(join(tree, 'config.json'), 'utf8'));
  const functions = {};
  const prerenders = {};
  for (const path of await walk(join(tree, 'functions'), name => name.endsWith('.func'))) {
    if (path.endsWith('.func'))
      functions[path.slice(0, -'.func'.length)] = await readFunction(join(tree, 'functions', path));
    else if (path.endsWith('.prerender-config.json')) {
      const settings = JSON.parse(await readFile(join(tree, 'functions', path), 'utf8'));
      prerenders[path.slice(0, -'.prerender-config.json'.length)] = settings;
    }
  }
  const files = {};
  for (const path of await walk(join(tree, 'static')))
    files[path] = createHash('sha256')
      .update(await readFile(join(tree, 'static', path)))
      .digest('hex');
  return withoutKeys({ config, functions, prerenders, static: files });
}

/** Next.js makes keys of its own in every build: two builds by the same tool differ by them, so they are no difference. */
function withoutKeys({ config, functions, prerenders, static: files }) {
  const keys = new Map();
  for (const { settings } of Object.values(functions))
    for (const [name, value] of Object.entries(settings.environment ?? {}))
      if (/^__NEXT_PREVIEW_MODE_|_ENCRYPTION_KEY$/.test(name)) keys.set(value, `<${name}>`);
  for (const { bypassToken } of Object.values(prerenders))
    if (bypassToken && !keys.has(bypassToken)) keys.set(bypassToken, '<bypassToken>');
  const cleaned = value => {
    let text = JSON.stringify(value);
    for (const [key, name] of keys) text = text.replaceAll(JSON.stringify(key).slice(1, -1), name);
    return JSON.parse(text);
  };
  return {
    config: cleaned(config),
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, each]) => [name, { ...each, settings: cleaned(each.settings) }]),
    ),
    prerenders: cleaned(prerenders),
    static: files,
  };
}

/** A link to another function is that function under one more name. */
async function readFunction(folder) {
  const isLink = (await lstat(folder)).isSymbolicLink();
  const { filePathMap = {}, ...settings } = JSON.parse(
    await readFile(join(folder, '.vc-config.json'), 'utf8'),
  );
  const files = new Set((await walk(folder)).filter(path => path !== '.vc-config.json'));
  // Files that a function only refers to are as much part of it as those in its folder.
  for (const path of Object.keys(filePathMap)) files.add(path);
  return {
    settings,
    files,
    referred: Object.keys(filePathMap).length,
    link: isLink ? await readlink(folder) : null,
  };
}

/** Files and links below a folder, sorted; folders of which `whole` holds count as one. */
async function walk(folder, whole = () => false) {
  if (!existsSync(folder)) return [];
  const found = [];
  const visit = async at => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !whole(entry.name)) await visit(path);
      else found.push(relative(folder, path).split(sep).join('/'));
    }
  };
  await visit(folder);
  return found.sort();
}
