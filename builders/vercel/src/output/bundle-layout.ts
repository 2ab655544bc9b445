import { readlink, stat } from 'node:fs/promises';
import { dirname, isAbsolute, posix, relative, sep } from 'node:path';
import { bundlePath } from './names.ts';
import type { File, FileFsRef, Files } from './shapes.ts';

/** What a function's folder is to hold, by path in it. */
export interface BundleLayout {
  readonly files: ReadonlyMap<string, File>;
  /** Path -> relative target. Every target is in the bundle. */
  readonly links: ReadonlyMap<string, string>;
}

/** Links in a row after which something must lead in a circle. */
const MOST_LINKS = 40;

/**
 * Settles where each file of a function goes. Package managers link packages to one another, and a tracer lists a link and
 * also files by their path through it. Such a link stays a link when what it points at is in the bundle, and the files that
 * were listed through it go where they really are (the vendor's CLI drops them). A link that would lead out of the bundle, or to
 * nothing in it, becomes what was listed below it or what it points at.
 */
export async function layOut(files: Files): Promise<BundleLayout> {
  const plain = new Map<string, File>();
  const links = new Map<string, Link>();
  for (const [path, file] of Object.entries(files)) {
    const name = bundlePath(path);
    if (isUnwanted(name)) continue;
    const target = isLink(file) ? await targetInBundle(name, file) : undefined;
    if (target === undefined) plain.set(name, file);
    else links.set(name, target);
  }
  return settle(plain, links);
}

interface Link {
  readonly file: FileFsRef;
  /** Path in the bundle; null when it is outside. */
  readonly target: string | null;
}

function isLink(file: File): file is FileFsRef {
  return file.type === 'FileFsRef' && ((file.mode ?? 0) & 0o170000) === 0o120000;
}

/** As the vendor's CLI does: a function holds nothing of `.vercel` folders but their caches. */
function isUnwanted(path: string): boolean {
  return /(?:^|\/)\.vercel\/(?!cache\/)/.test(path);
}

/** `undefined` when the file is no link any more. */
async function targetInBundle(name: string, file: FileFsRef): Promise<Link | undefined> {
  let text: string;
  try {
    text = await readlink(file.fsPath);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined;
    throw error;
  }
  const target = isAbsolute(text)
    ? posix.join(posix.dirname(name), relative(dirname(file.fsPath), text).split(sep).join('/'))
    : posix.join(posix.dirname(name), text);
  const climbs = target === '..' || target.startsWith('../');
  return { file, target: climbs ? null : target.replace(/\/$/, '') };
}

async function settle(plain: Map<string, File>, links: Map<string, Link>): Promise<BundleLayout> {
  // A link whose target holds nothing is no link; taking one out may leave another without anything.
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    const holding = foldersAndFiles([...plain.keys()].map(path => throughLinks(path, links)));
    for (const [name, { file, target }] of links) {
      const end = target === null ? undefined : throughLinks(target, links);
      if (end !== undefined && holding.has(end)) continue;
      links.delete(name);
      if (await leadsToFile(file.fsPath)) plain.set(name, { type: 'FileFsRef', fsPath: file.fsPath });
      isSettled = false;
    }
  }
  const files = new Map<string, File>();
  for (const [path, file] of plain) {
    const real = throughLinks(path, links);
    // What was listed by its real path counts before what was listed through a link.
    if (real === path || !files.has(real)) files.set(real, file);
  }
  const relativeLinks = new Map<string, string>();
  for (const [name, { target }] of links) {
    const place = posix.join(throughLinks(posix.dirname(name), links), posix.basename(name));
    relativeLinks.set(place, posix.relative(posix.dirname(place), target ?? ''));
  }
  return { files, links: relativeLinks };
}

/** A link that leads nowhere, or to a folder, has nothing to leave in its place. */
async function leadsToFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(error.code ?? '')) return undefined;
    throw error;
  });
  return stats?.isFile() ?? false;
}

/** A path with every link on the way (and at its end) replaced by what it leads to. */
function throughLinks(path: string, links: ReadonlyMap<string, Link>): string {
  let current = path;
  for (let count = 0; count < MOST_LINKS; count++) {
    const replaced = firstLink(current, links);
    if (replaced === undefined) return current;
    current = replaced;
  }
  return path;
}

function firstLink(path: string, links: ReadonlyMap<string, Link>): string | undefined {
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length++) {
    const target = links.get(parts.slice(0, length).join('/'))?.target;
    if (target != null) return [target, ...parts.slice(length)].join('/');
  }
  return undefined;
}

function foldersAndFiles(paths: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const path of paths) {
    for (let part = path; part !== '.' && !all.has(part); part = posix.dirname(part)) all.add(part);
  }
  return all;
}
