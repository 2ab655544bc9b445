import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import type { Route, WorkingView } from '@svc/contracts';
import { findFramework } from './frameworks.ts';

/** Files in which frameworks say where they build to. */
const SETTINGS = [
  'config.json',
  'config.yaml',
  'config.yml',
  'config.toml',
  '_config.yml',
  '_config.yaml',
  '_config.toml',
];

/** How deep a framework looks into its output to find the site: `dist/<project>/browser`. */
const DEPTH = 3;

/**
 * Where a framework has built to, if it decides that by its settings or by what it has to build (Angular, Docusaurus,
 * Hugo, Jekyll). `@vercel/frameworks` knows how to tell, from a real folder. A view may consist of several layers and is
 * none, so it gets a sketch: the settings, and the names of what is in the usual output folders.
 */
export async function derivedOutputDirectory(view: WorkingView, root: string, slug: string): Promise<string> {
  const framework = await findFramework(slug);
  if (!framework) return 'public';
  const found = await inTemporaryFolder(async sketch => {
    const setting = framework.settings.outputDirectory;
    const usual = 'value' in setting && setting.value ? [setting.value] : [];
    for (const name of usual) {
      await mkdir(join(sketch, name), { recursive: true });
      await sketchFolder(view, posix.join(root, name), join(sketch, name), DEPTH);
    }
    for (const name of SETTINGS) {
      const file = await view.locate(posix.join(root, name));
      if (file !== undefined) await copyFile(file, join(sketch, name));
    }
    return (await framework.getOutputDirName(sketch)).split('\\').join('/');
  });
  // For Angular the list looks for this last folder from the current directory, which is nobody's root here.
  const browser = posix.join(found, 'browser');
  const isAngular = slug === 'angular' && (await view.stat(posix.join(root, browser))) !== undefined;
  return isAngular ? browser : found;
}

async function sketchFolder(view: WorkingView, from: string, to: string, depth: number): Promise<void> {
  if (depth === 0) return;
  for (const { name, kind } of (await view.list(from)) ?? []) {
    if (kind === 'directory') {
      await mkdir(join(to, name));
      await sketchFolder(view, posix.join(from, name), join(to, name), depth - 1);
    } else await writeFile(join(to, name), '');
  }
}

/**
 * Routes that a framework derives from what it has built. It looks for them in its output folder and removes the file
 * that held them, here from the copy that is published.
 *
 * @param output absolute path of the copied output.
 */
export async function derivedRoutes(slug: string, output: string): Promise<readonly Route[]> {
  const framework = await findFramework(slug);
  const { defaultRoutes } = framework ?? {};
  if (!framework || typeof defaultRoutes !== 'function') return [];
  const name = await framework.getOutputDirName('');
  return inTemporaryFolder(async folder => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await symlink(output, join(folder, name));
    return (await defaultRoutes(folder)) as readonly Route[];
  });
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'svc-static-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
