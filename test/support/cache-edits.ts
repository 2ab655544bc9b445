import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SERVICES = ['web', 'api', 'docs'];

/** The world in which a build happens, as edits change it. */
export interface World {
  readonly folder: string;
  /** Where programs lie that builds find by the PATH: not beside the project, which steps see by itself. */
  readonly tools: string;
  readonly env: Record<string, string>;
}

/** One random edit of a kind; says what it did. */
export function edit({ folder, tools, env }: World, random: () => number): string {
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(random() * list.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const service = pick(SERVICES);
  const root = join(folder, 'apps', service, 'src');
  const files = filesBelow(root);
  const file = pick(files);
  const number = Math.floor(random() * 1000);
  const kinds: Record<string, () => void> = {
    content: () => appendFileSync(file, `${number}\n`),
    'content of the same size': () =>
      writeFileSync(
        file,
        `${'x'.repeat(Math.max(1, statSync(file).size - 1))}${number % 10}`.slice(
          -Math.max(1, statSync(file).size),
        ),
      ),
    mode: () => chmodSync(file, (statSync(file).mode & 0o111) === 0 ? 0o755 : 0o644),
    rename: () => renameSync(file, `${file}.${number}`),
    'new file': () => writeFileSync(join(root, `new-${number}.txt`), `${number}`),
    'new folder': () => {
      mkdirSync(join(root, `folder-${number}`), { recursive: true });
      writeFileSync(join(root, `folder-${number}`, 'file.txt'), `${number}`);
    },
    'empty folder': () => mkdirSync(join(root, `empty-${number}`), { recursive: true }),
    deletion: () => {
      if (files.length > 1) rmSync(file);
    },
    'ignored file': () => writeFileSync(join(root, `${number}.log`), `${number}`),
    'shared file': () => appendFileSync(join(folder, 'shared', 'common.txt'), `${number}\n`),
    variable: () => {
      env.COLOR = `color ${number % 5}`;
    },
    'a variable that is not admitted': () => {
      env.UNRELATED = `${number}`;
    },
    'env file': () => writeFileSync(join(folder, 'apps', service, 'build.env'), `EXTRA=${number % 3}\n`),
    'build command': () =>
      editConfig(folder, services => {
        const config = services[service];
        if (config)
          config.buildCommand = `our-tool && node build.mjs && node -e "require('fs').writeFileSync('dist/extra', '${number % 4}')"`;
      }),
    'headers of a service': () =>
      editConfig(folder, services => {
        const config = services[service];
        if (config)
          config.headers = [{ source: '/(.*)', headers: [{ key: 'x-number', value: `${number % 4}` }] }];
      }),
    'workspace dependency': () => appendFileSync(join(folder, 'packages', 'lib', 'index.txt'), `${number}\n`),
    lockfile: () =>
      writeFileSync(
        join(folder, 'package-lock.json'),
        `${JSON.stringify({ name: 'all', lockfileVersion: 3, requires: true, packages: { '': { name: 'all', version: `0.0.${number % 6}` } } }, null, 2)}\n`,
      ),
    'tool version': () => writeTool(tools, number % 4),
  };
  const kind = pick(Object.keys(kinds));
  kinds[kind]?.();
  return `${kind} (${service})`;
}

/** A program on the PATH that the builds call, in a version. */
export function writeTool(tools: string, version: number): void {
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, 'our-tool'), `#!/bin/sh\necho version ${version}\n`, { mode: 0o755 });
}

function editConfig(
  folder: string,
  change: (services: Record<string, Record<string, unknown>>) => void,
): void {
  const file = join(folder, 'vercel.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as {
    services: Record<string, Record<string, unknown>>;
  };
  change(config.services);
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith('.log'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}
