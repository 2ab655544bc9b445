import { mkdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type CopyFolders, exists } from '../folders.ts';
import { contains, joinPath, parentOf } from '../paths.ts';
import { copyTree } from '../view.ts';
import { type Ground, isShown, type Rules, type Visible } from '../visibility.ts';
import type { MountPlan, Overlay } from './mount-script.ts';

export interface Parts {
  readonly ground: Ground;
  readonly rules: Rules;
  readonly visible: Visible;
  /** Folders of the working copy that is put together. */
  readonly own: CopyFolders;
  /** Folders of the finished install below it. */
  readonly base: CopyFolders | null;
  /** The layer that hides ignored paths. */
  readonly mask: string;
}

/** Makes a working copy's skeleton and says what is to be mounted where. */
export async function composeParts(parts: Parts): Promise<MountPlan> {
  const { ground, visible, own, base, mask } = parts;
  for (const folder of visible.composed) mkdirSync(join(own.skeleton, folder), { recursive: true });
  await copyLoose(ground.boundary, own.skeleton, visible.files);
  const overlays: Overlay[] = [];
  for (const folder of visible.folders) {
    const candidates = [...(base ? [join(base.upper, folder)] : []), join(mask, folder)];
    const above = await Promise.all(candidates.map(async path => ((await exists(path)) ? [path] : [])));
    overlays.push(await makeOverlay(own, folder, [...above.flat(), join(ground.boundary, folder)]));
  }
  if (base) {
    for (const folder of await installedFolders(parts, base)) {
      overlays.push(await makeOverlay(own, folder, [join(base.skeleton, folder)]));
    }
  }
  await writeFile(ownParts(own), JSON.stringify([...visible.composed, ...visible.folders, ...visible.files]));
  const shownControl = join(own.skeleton, relative(ground.boundary, own.control));
  mkdirSync(shownControl, { recursive: true });
  const binds = [{ from: own.control, to: shownControl }];
  const table = join(own.base, 'mounts');
  return {
    table,
    skeleton: own.skeleton,
    target: ground.boundary,
    overlays,
    binds,
    temp: own.temp,
    exposed: [],
  };
}

async function makeOverlay(own: CopyFolders, folder: string, lower: readonly string[]): Promise<Overlay> {
  const overlay = {
    at: join(own.skeleton, folder),
    lower,
    upper: join(own.upper, folder),
    scratch: join(own.scratch, folder),
  };
  for (const path of [overlay.at, overlay.upper, overlay.scratch]) mkdirSync(path, { recursive: true });
  return overlay;
}

async function copyLoose(boundary: string, skeleton: string, files: readonly string[]): Promise<void> {
  const wanted = new Set(files);
  for (const folder of new Set(files.map(parentOf))) {
    await copyTree(join(boundary, folder), join(skeleton, folder), folder, path => wanted.has(path));
  }
}

/** Where a copy notes the parts that svc itself put into its skeleton: whatever else is there was made by a step. */
function ownParts(folders: CopyFolders): string {
  return join(folders.base, 'parts.json');
}

/**
 * What the install made in composed folders, such as the workspace's `node_modules`. Folders become lower layers; files
 * are copied at once.
 */
async function installedFolders(
  { ground, rules, visible, own }: Parts,
  base: CopyFolders,
): Promise<string[]> {
  const notInstalled = new Set<string>([
    ...(JSON.parse(await readFile(ownParts(base), 'utf8')) as string[]),
    ...[...visible.composed, ...visible.folders, ...visible.files],
  ]);
  const isInstalled = (path: string) =>
    !notInstalled.has(path) &&
    !ground.composed.has(path) &&
    !ground.reserved.some(reserved => contains(path, reserved)) &&
    isShown(path, rules);
  const folders: string[] = [];
  for (const composed of ['.', ...visible.composed]) {
    const place = join(base.skeleton, composed);
    if (!(await exists(place))) continue;
    const files = new Set<string>();
    for (const entry of await readdir(place, { withFileTypes: true })) {
      const path = joinPath(composed, entry.name);
      if (!isInstalled(path)) continue;
      if (entry.isDirectory()) folders.push(path);
      else files.add(path);
    }
    if (files.size > 0)
      await copyTree(place, join(own.skeleton, composed), composed, path => files.has(path));
  }
  return folders;
}
