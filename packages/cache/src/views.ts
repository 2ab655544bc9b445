import { createHash } from 'node:crypto';
import type { Inventory } from './inventory.ts';

/** What a service's steps see of the project, as far as the key of its result needs to know. Paths relative to the boundary. */
export interface ServiceView {
  readonly name: string;
  readonly directory: string;
  /** Folders that it sees whole: its own, and what it depends on. */
  readonly shown: readonly string[];
  /** Single files that it sees wherever they lie. */
  readonly files: readonly string[];
}

/** The inputs of one service. */
export interface InputsOfService {
  /** Sha256 in hex over every file that its steps see: path, kind, content. */
  readonly digest: string;
  readonly count: number;
  /** Whether its steps see a path, which need not exist. */
  sees(path: string): boolean;
}

/**
 * Splits a project at the roots of services and of what they depend on. All files between two of these borders are seen by
 * the same services, so each part is digested once, however many services see it. The rule for who sees what is that of
 * the isolation: the innermost root that holds a file decides, and what no service's root holds is seen by all.
 */
export class Views {
  readonly #markers: readonly string[];
  readonly #roots: ReadonlySet<string>;
  readonly #parts = new Map<string, { digest: string; count: number }>();
  readonly #common: readonly string[];
  readonly #markerOf: (path: string) => string;

  /**
   * @param roots of all services.
   * @param apart paths outside of every root that do not count as inputs by themselves: the configuration, whose meaning
   * is in the plan.
   */
  constructor(
    private readonly inventory: Inventory,
    roots: readonly string[],
    views: readonly ServiceView[],
    private readonly apart: ReadonlySet<string>,
  ) {
    this.#roots = new Set(roots);
    const markers = new Set(['.', ...roots, ...views.flatMap(view => view.shown)]);
    this.#markers = [...markers].sort();
    this.#markerOf = innermost(markers);
    this.#digestParts();
    this.#common = this.#markers.filter(marker => !this.#isInService(marker));
  }

  of(view: ServiceView): InputsOfService {
    const own = new Set(this.#markers.filter(marker => this.#mayShow(view, marker)));
    const visible = [...new Set([...this.#common, ...own])].sort();
    const singles = view.files.filter(
      path => !visible.includes(this.#markerOf(path)) || this.apart.has(path),
    );
    const hash = createHash('sha256');
    let count = singles.length;
    for (const marker of visible) {
      const part = this.#parts.get(marker);
      if (!part) continue;
      hash.update(`${marker}\0${part.digest}\n`);
      count += part.count;
    }
    for (const path of [...singles].sort()) hash.update(this.#record(path));
    const seen = new Set(visible);
    const single = new Set(view.files);
    const sees = (path: string) =>
      single.has(path) || (seen.has(this.#markerOf(path)) && !this.#isApart(path));
    return { digest: hash.digest('hex'), count, sees };
  }

  #mayShow(view: ServiceView, marker: string): boolean {
    const shown = deepest(view.shown, marker);
    if (shown < 0) return false;
    const hidden = ancestors(marker).filter(
      root => this.#roots.has(root) && root !== view.directory && !contains(view.directory, root),
    );
    return shown >= Math.max(-1, ...hidden.map(depth));
  }

  #isInService(marker: string): boolean {
    return ancestors(marker).some(folder => this.#roots.has(folder));
  }

  #isApart(path: string): boolean {
    return this.apart.has(path) && !this.#isInService(this.#markerOf(path));
  }

  #digestParts(): void {
    const paths = new Map<string, string[]>();
    const add = (path: string, marker: string) => {
      const list = paths.get(marker);
      if (list) list.push(path);
      else paths.set(marker, [path]);
    };
    for (const path of this.inventory.files.keys()) if (!this.#isApart(path)) add(path, this.#markerOf(path));
    // A build may look whether a folder is there.
    const empty = new Set<string>();
    for (const folder of this.inventory.folders) {
      if (!folder.isEmpty || folder.path === '.') continue;
      empty.add(folder.path);
      add(folder.path, this.#markerOf(folder.path));
    }
    for (const [marker, list] of paths) {
      const hash = createHash('sha256');
      for (const path of list.sort())
        hash.update(empty.has(path) ? `${path}\0empty folder\n` : this.#record(path));
      this.#parts.set(marker, { digest: hash.digest('hex'), count: list.length });
    }
  }

  #record(path: string): string {
    const file = this.inventory.files.get(path);
    return `${path}\0${file ? identityOf(file) : 'absent'}\n`;
  }
}

/** What of a file can make a difference to a build: whether it is a link or executable, and its content. */
export function identityOf({ stat, digest }: { stat: KindStat; digest: Buffer }) {
  return `${kindOf(stat)} ${digest.toString('hex')}`;
}

interface KindStat {
  readonly mode: number;
  isSymbolicLink(): boolean;
}

export function kindOf(stat: KindStat): 'link' | 'file' | 'program' {
  return stat.isSymbolicLink() ? 'link' : (stat.mode & 0o111) === 0 ? 'file' : 'program';
}

function innermost(markers: ReadonlySet<string>): (path: string) => string {
  const known = new Map<string, string>();
  const find = (folder: string): string => {
    const marker = known.get(folder);
    if (marker !== undefined) return marker;
    const found = markers.has(folder) ? folder : find(parentOf(folder));
    known.set(folder, found);
    return found;
  };
  return path => (markers.has(path) ? path : find(parentOf(path)));
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at === -1 ? '.' : path.slice(0, at);
}

/** The path itself and the folders above it, `.` included. */
function ancestors(path: string): string[] {
  const found = [path];
  for (let folder = path; folder !== '.'; ) {
    folder = parentOf(folder);
    found.push(folder);
  }
  return found;
}

function contains(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

function deepest(folders: readonly string[], path: string): number {
  return Math.max(-1, ...folders.filter(folder => contains(folder, path)).map(depth));
}

function depth(path: string): number {
  return path === '.' ? 0 : path.split('/').length;
}
