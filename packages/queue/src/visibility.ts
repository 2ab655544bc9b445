import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { contains, strictAncestors } from './paths.ts';

/** What one working copy shows of the project. All paths are relative to the boundary. */
export interface Rules {
  /** Folders shown whole: the service's own root, the packages that it depends on. */
  readonly shown: readonly string[];
  /** Roots of unrelated services. */
  readonly hidden: readonly string[];
  /** Single files that are shown although they lie in a hidden folder. */
  readonly files: readonly string[];
}

/** What holds for every working copy of a run. */
export interface Ground {
  /** Absolute path. */
  readonly boundary: string;
  /** Folders that no step sees: svc's own, and the deployment's. */
  readonly reserved: readonly string[];
  /** What is on the disk but is no input: ignored files and generated folders, without trailing slashes. */
  readonly ignored: ReadonlySet<string>;
  /**
   * Folders that are put together from parts rather than shown as they are: everything above a service's root or a
   * reserved folder. The same in every working copy, so that one copy's results fit under another's.
   */
  readonly composed: ReadonlySet<string>;
}

/** The parts that a working copy is put together from. */
export interface Visible {
  /** Composed folders, parents first; `.` is not listed. */
  readonly composed: readonly string[];
  /** Folders shown with all that is in them. */
  readonly folders: readonly string[];
  /** Files and links that lie directly in a composed folder. */
  readonly files: readonly string[];
}

export function composedFolders(paths: readonly string[]): Set<string> {
  return new Set(paths.flatMap(strictAncestors));
}

/**
 * Finds the parts by walking down only where hidden and shown meet, so the cost does not grow with the size of the
 * repository. The innermost root that holds a path decides; what no service's root holds is shown.
 */
export async function findVisible(ground: Ground, rules: Rules): Promise<Visible> {
  const composed: string[] = [];
  const folders: string[] = [];
  const files: string[] = [];
  const single = new Set(rules.files);

  function walk(folder: string): void {
    for (const entry of readdirSync(join(ground.boundary, folder), { withFileTypes: true })) {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (ground.reserved.includes(path)) continue;
      if (ground.ignored.has(path) && !single.has(path)) continue;
      if (entry.isDirectory() && ground.composed.has(path)) {
        const holdsShown = [...rules.shown, ...rules.files].some(shown => contains(path, shown));
        if (!holdsShown && !isShown(path, rules, single)) continue;
        composed.push(path);
        walk(path);
      } else if (isShown(path, rules, single)) {
        (entry.isDirectory() ? folders : files).push(path);
      }
    }
  }

  walk('.');
  return { composed, folders, files };
}

/** Whether a step with these rules sees a path that exists in the checkout. */
export function isShown(
  path: string,
  rules: Rules,
  single: ReadonlySet<string> = new Set(rules.files),
): boolean {
  return single.has(path) || depthOfInnermost(path, rules.shown) >= depthOfInnermost(path, rules.hidden);
}

function depthOfInnermost(path: string, roots: readonly string[]): number {
  return Math.max(-1, ...roots.filter(root => contains(root, path)).map(depth));
}

function depth(path: string): number {
  return path === '.' ? 0 : path.split('/').length;
}
