import { execFileSync } from 'node:child_process';
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
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { git } from './cached-project.ts';
import {
  builderCode,
  commit,
  LEFT_VERSIONS,
  left,
  lock,
  SERVICES,
  type World,
  writeTool,
} from './campaign-project.ts';

/** What an edit happens to: picked at random, the same for the same seed. */
interface Subject {
  readonly world: World;
  readonly service: string;
  /** Folder with the service's sources; absolute. */
  readonly root: string;
  /** A file in it, and another one where there is one. */
  readonly file: string;
  readonly other: string;
  readonly number: number;
  pick<T>(list: readonly T[]): T;
}

type Edit = (subject: Subject) => void;

const FILES: Readonly<Record<string, Edit>> = {
  content: ({ file, number }) => appendFileSync(file, `${number}\n`),
  'content of the same size': ({ file, number }) => writeFileSync(file, sameSize(file, number)),
  'content of the same size and time': ({ file, number }) => {
    const { atime, mtime } = statSync(file);
    writeFileSync(file, sameSize(file, number));
    utimesSync(file, atime, mtime);
  },
  'the same content written again': ({ file }) => {
    const content = readFileSync(file);
    const { mode } = statSync(file);
    rmSync(file);
    writeFileSync(file, content, { mode });
  },
  'a touch': ({ file }) => utimesSync(file, new Date(), new Date()),
  'two files change places': ({ file, other }) => {
    if (file === other) return;
    renameSync(file, `${file}.aside`);
    renameSync(other, file);
    renameSync(`${file}.aside`, other);
  },
  mode: ({ file }) => chmodSync(file, (statSync(file).mode & 0o111) === 0 ? 0o755 : 0o644),
  'a mode that says nothing': ({ file }) =>
    chmodSync(file, (statSync(file).mode & 0o111) === 0 ? 0o640 : 0o750),
  rename: ({ file, number }) => renameSync(file, `${file.slice(0, -4)}-${number}.txt`),
  'a rename by case alone': ({ file }) => {
    const name = basename(file);
    const turned = name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
    if (!existsSync(join(dirname(file), turned))) renameSync(file, join(dirname(file), turned));
  },
  'a new file': ({ root, number }) => writeFileSync(join(root, `new-${number}.txt`), `${number}`),
  'a new file that git has not seen, and one that it has': ({ world, root, number }) => {
    writeFileSync(join(root, `seen-${number}.txt`), `${number}`);
    git(world.folder, 'add', '-A');
    writeFileSync(join(root, `unseen-${number}.txt`), `${number}`);
  },
  deletion: ({ file, other }) => {
    if (file !== other) rmSync(file);
  },
};

const FOLDERS_AND_LINKS: Readonly<Record<string, Edit>> = {
  'a new folder': ({ root, number }) => {
    mkdirSync(join(root, `folder-${number}`), { recursive: true });
    writeFileSync(join(root, `folder-${number}`, 'file.txt'), `${number}`);
  },
  'an empty folder': ({ root, number }) => mkdirSync(join(root, `empty-${number}`), { recursive: true }),
  'an empty folder is gone': ({ root }) => {
    for (const name of readdirSync(root))
      if (name.startsWith('empty-')) rmSync(join(root, name), { recursive: true });
  },
  'a folder is renamed': ({ root, number }) => {
    const folder = readdirSync(root, { withFileTypes: true }).find(entry => entry.isDirectory());
    if (folder) renameSync(join(root, folder.name), join(root, `renamed-${number}`));
  },
  'a folder is gone': ({ root }) => {
    for (const name of readdirSync(root))
      if (name.startsWith('folder-')) rmSync(join(root, name), { recursive: true });
  },
  'a file becomes a folder': ({ file, number, other }) => {
    if (file === other) return;
    rmSync(file);
    mkdirSync(file);
    writeFileSync(join(file, 'inner.txt'), `${number}`);
  },
  'a folder becomes a file': ({ root, number }) => {
    const folders = readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory());
    if (folders.length < 2 || !folders[0]) return;
    rmSync(join(root, folders[0].name), { recursive: true });
    writeFileSync(join(root, folders[0].name), `${number}`);
  },
  'a new link': ({ root, file, number }) =>
    symlinkSync(relative(root, file), join(root, `link-${number}.txt`)),
  'a new link to a folder': ({ root, number }) => symlinkSync('.', join(root, `folder-link-${number}`)),
  'a file becomes a link to one with its content': ({ file, other }) => {
    if (file === other) return;
    writeFileSync(other, readFileSync(file));
    rmSync(file);
    symlinkSync(relative(dirname(file), other), file);
  },
  'a link becomes a file with its content': ({ root }) => {
    const found = linksBelow(root).find(path => existsSync(path) && statSync(path).isFile());
    if (!found) return;
    const content = readFileSync(found);
    rmSync(found);
    writeFileSync(found, content);
  },
  'a link leads elsewhere': ({ root, file }) => {
    const [found] = linksBelow(root);
    if (!found || found === file) return;
    rmSync(found);
    symlinkSync(relative(dirname(found), file), found);
  },
};

const SURROUNDINGS: Readonly<Record<string, Edit>> = {
  'an ignored file': ({ root, number }) => writeFileSync(join(root, `${number}.log`), `${number}`),
  'an ignored env file': ({ world, service, number }) =>
    writeFileSync(join(world.folder, 'apps', service, '.env'), `SECRET=${number}\n`),
  'a rule that ignores files': ({ world, pick }) =>
    toggleLine(join(world.folder, '.gitignore'), pick(['new-1*', 'seen-*', 'deep/', 'folder-*'])),
  'git tracks an ignored file': ({ world, root, number }) => {
    writeFileSync(join(root, `kept-${number}.log`), `${number}`);
    git(world.folder, 'add', '-f', join(root, `kept-${number}.log`));
  },
  'git forgets a file': ({ world, file }) => {
    git(world.folder, 'add', '-A');
    git(world.folder, 'rm', '-q', '--cached', '--ignore-unmatch', '--', file);
  },
  'a shared file': ({ world, number }) =>
    appendFileSync(join(world.folder, 'shared', 'common.txt'), `${number}\n`),
  'a file at the root': ({ world, number, pick }) =>
    writeFileSync(join(world.folder, pick(['README.md', 'settings.json'])), `${number}\n`),
  'another state of the repository': ({ world, number }) => {
    commit(world.folder);
    const known = history(world.folder);
    git(world.folder, 'checkout', '-qf', known[number % known.length] ?? 'HEAD');
    readDependencies(world);
  },
};

const VARIABLES_AND_TOOLS: Readonly<Record<string, Edit>> = {
  variable: ({ world, number }) => {
    world.env.COLOR = `color ${number % 5}`;
  },
  'a variable is gone': ({ world }) => {
    delete world.env.COLOR;
  },
  'a variable that is not admitted': ({ world, number }) => {
    world.env.UNRELATED = `${number}`;
  },
  CI: ({ world }) => {
    world.env.CI = world.env.CI === '1' ? '' : '1';
  },
  'which variables are admitted': ({ world, pick }) => {
    const admitted = pick(['web', 'api']);
    editJson<{ services: Record<string, { env?: string[] }> }>(join(world.folder, 'svc.json'), config => {
      const own = config.services[admitted];
      if (own) own.env = own.env?.includes('COLOR') ? [] : ['COLOR'];
    });
  },
  'env file': ({ world, pick, number }) =>
    writeFileSync(join(world.folder, 'apps', pick(['web', 'api']), 'build.env'), `EXTRA=${number % 3}\n`),
  'tool version': ({ world, number }) => writeTool(world.tools.second, number % 4),
  'tool version of the same size and time': ({ world, number }) => {
    const file = join(world.tools.second, 'our-tool');
    const { atime, mtime } = statSync(file);
    writeTool(world.tools.second, number % 4);
    utimesSync(file, atime, mtime);
  },
  'another tool comes first on the PATH': ({ world, number }) => {
    const file = join(world.tools.first, 'our-tool');
    if (existsSync(file)) rmSync(file);
    else writeTool(world.tools.first, 5 + (number % 3));
  },
};

const CONFIGURATION: Readonly<Record<string, Edit>> = {
  'build command': ({ world, pick, number }) =>
    editServices(world, services => {
      const config = services[pick(['web', 'api'])];
      const extra = `node -e "require('fs').writeFileSync('dist/extra', '${number % 4}')"`;
      if (config) config.buildCommand = `our-tool && node build.mjs && ${extra}`;
    }),
  'headers of a service': ({ world, service, number }) =>
    editServices(world, services => {
      const config = services[service];
      const headers = [{ key: 'x-number', value: `${number % 4}` }];
      if (config) config.headers = [{ source: '/(.*)', headers }];
    }),
  'rewrites of the project': ({ world, service }) =>
    editJson<Record<string, unknown>>(join(world.folder, 'vercel.json'), config => {
      config.rewrites = [{ source: '/(.*)', destination: { service } }];
    }),
  cleanUrls: ({ world }) =>
    editJson<Record<string, unknown>>(join(world.folder, 'vercel.json'), config => {
      config.cleanUrls = config.cleanUrls !== true;
    }),
  'a service comes or goes': ({ world }) =>
    editServices(world, services => {
      if (services.guest) delete services.guest;
      else services.guest = { root: 'guest' };
      mkdirSync(join(world.folder, 'guest'), { recursive: true });
      writeFileSync(join(world.folder, 'guest', 'index.html'), 'guest');
    }),
  'the configuration is written otherwise': ({ world, number }) => {
    const file = join(world.folder, 'vercel.json');
    writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), null, 1 + (number % 4)));
  },
};

const OWN_BUILDER = './tools/stamp';
const INSTALLED_BUILDER = 'our-builder';

const BUILDERS: Readonly<Record<string, Edit>> = {
  'builder version': ({ world, number }) => {
    useBuilder(world, OWN_BUILDER);
    writeFileSync(join(world.folder, 'tools/stamp/index.mjs'), builderCode(`${number % 5}`, 'stamped'));
  },
  'builder code': ({ world, pick }) => {
    useBuilder(world, OWN_BUILDER);
    const word = pick(['stamped', 'marked', 'printed', 'pressed']);
    writeFileSync(join(world.folder, 'tools/stamp/index.mjs'), builderCode('1', word));
  },
  'a module of the builder': ({ world, pick }) => {
    useBuilder(world, OWN_BUILDER);
    const ending = `export const ending = '${pick(['.', '!', '?', ';'])}\\n';\n`;
    writeFileSync(join(world.folder, 'tools/stamp/lib/ending.mjs'), ending);
  },
  'installed builder version': ({ world, number, pick }) => {
    useBuilder(world, INSTALLED_BUILDER);
    const folder = join(world.folder, 'node_modules', INSTALLED_BUILDER);
    const version = `1.0.${number}`;
    const manifest = { name: INSTALLED_BUILDER, version, exports: './index.mjs' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'index.mjs'), builderCode(version, pick(['noted', 'written'])));
  },
  'another builder': ({ world, pick }) => useBuilder(world, pick([OWN_BUILDER, INSTALLED_BUILDER])),
};

const DEPENDENCIES: Readonly<Record<string, Edit>> = {
  'workspace dependency': ({ world, number }) =>
    appendFileSync(join(world.folder, 'packages/lib/index.txt'), `${number}\n`),
  'a member of the workspace depends on another service, or no longer': ({ world }) => {
    const { api } = world.dependencies;
    if (api['@all/docs']) delete api['@all/docs'];
    else api['@all/docs'] = '*';
    lock(world);
  },
  'lockfile: a version of a dependency': ({ world, pick }) => {
    world.dependencies[pick(['web', 'api', 'docs'] as const)].left = left(pick(LEFT_VERSIONS));
    lock(world);
  },
  'lockfile: a dependency comes or goes': ({ world, pick }) => {
    const named = world.dependencies[pick(['web', 'api'] as const)];
    const name = pick(['left', 'copied']);
    if (named[name]) delete named[name];
    else named[name] = name === 'left' ? left(pick(LEFT_VERSIONS)) : 'file:../../vendor/copied';
    lock(world);
  },
  'lockfile: the version of the project': ({ world, number }) => {
    editJson<Record<string, unknown>>(join(world.folder, 'package.json'), manifest => {
      manifest.version = `0.0.${number}`;
    });
    lock(world);
  },
  'a package that is installed from a folder of the repository': ({ world, number }) =>
    appendFileSync(join(world.folder, 'vendor/copied/index.txt'), `${number}\n`),
};

const KINDS: Readonly<Record<string, Edit>> = {
  ...FILES,
  ...FOLDERS_AND_LINKS,
  ...SURROUNDINGS,
  ...VARIABLES_AND_TOOLS,
  ...CONFIGURATION,
  ...BUILDERS,
  ...DEPENDENCIES,
};

/** One random edit; says what it did. `kinds` limits it to those whose names hold one of these texts. */
export function edit(world: World, random: () => number, kinds: readonly string[] = []): string {
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(random() * list.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const wanted = Object.keys(KINDS).filter(
    kind => kinds.length === 0 || kinds.some(part => kind.includes(part)),
  );
  const service = pick(SERVICES);
  const root = join(world.folder, 'apps', service, 'src');
  // An earlier state of the repository may have been left without any.
  if (filesBelow(root).length === 0) {
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'first.txt'), 'first');
  }
  const files = filesBelow(root);
  const kind = pick(wanted);
  const subject = { world, service, root, file: pick(files), other: pick(files) };
  KINDS[kind]?.({ ...subject, number: Math.floor(random() * 1000), pick });
  return `${kind} (${service})`;
}

function sameSize(file: string, number: number): string {
  const size = statSync(file).size;
  return `${number}`.padStart(size, 'x').slice(0, size);
}

/** Every state that the repository has had since there was a lockfile, whichever is checked out. */
function history(folder: string): string[] {
  const log = execFileSync('git', ['rev-list', '--all', '--reflog', '^begin'], { cwd: folder });
  return log.toString().trim().split('\n');
}

/** The manifests say what they said then. */
function readDependencies({ folder, dependencies }: World): void {
  for (const [member, named] of Object.entries(dependencies)) {
    const text = readFileSync(join(folder, 'apps', member, 'package.json'), 'utf8');
    for (const name of Object.keys(named)) delete named[name];
    Object.assign(named, (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies);
  }
}

function toggleLine(file: string, line: string): void {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const others = lines.filter(each => each !== line);
  const now = others.length < lines.length ? others : [...lines, line];
  writeFileSync(file, `${now.join('\n')}\n`);
}

function useBuilder({ folder }: World, builder: string): void {
  editJson<{ services: Record<string, { builder?: string }> }>(join(folder, 'svc.json'), config => {
    config.services.pages = { builder };
  });
}

function editServices(
  { folder }: World,
  change: (services: Record<string, Record<string, unknown>>) => void,
): void {
  editJson<{ services: Record<string, Record<string, unknown>> }>(join(folder, 'vercel.json'), config =>
    change(config.services),
  );
}

function editJson<T>(file: string, change: (content: T) => void): void {
  const content = JSON.parse(readFileSync(file, 'utf8')) as T;
  change(content);
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith('.log'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

function linksBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isSymbolicLink())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}
