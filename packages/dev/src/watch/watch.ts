import { isAbsolute, relative, sep } from 'node:path';
import { GENERATED_FOLDERS } from '@svc/sources';

/** What happened to files since the last batch. Paths are POSIX, relative to the boundary. */
export interface Changes {
  readonly changed: readonly string[];
  /** Files that were not there, or are no longer. */
  readonly appeared: readonly string[];
  readonly gone: readonly string[];
}

export interface WatchOptions {
  /** Absolute path of the boundary. */
  readonly boundary: string;
  /** Folders and files to look at, relative to the boundary. */
  readonly roots: () => readonly string[];
  /** Folders that are not to be looked at, relative to the boundary. */
  readonly ignored: () => ReadonlySet<string>;
  readonly onChanges: (changes: Changes) => void;
  readonly onError: (error: Error) => void;
}

export interface Watcher {
  /** Takes up roots that are new. */
  refresh(): void;
  close(): Promise<void>;
}

/** Milliseconds that changes are gathered: an editor's save and a branch's checkout are many at once. */
const GATHERED = 60;

const NEVER = new Set([...GENERATED_FOLDERS, '.git', '.hg', '.svn', '.svc', '.vercel']);
/** What editors leave beside a file while it is open. */
const EDITORS = /(?:~|\.sw[a-p]|\.tmp|___jb_(?:tmp|old)___)$|^(?:\.#.*|#.*#|4913|\.goutputstream-.*)$/;

/** Watches what services are made of, and only that. */
export async function watchSources(options: WatchOptions): Promise<Watcher> {
  const { watch } = await import('chokidar');
  const { boundary, roots, ignored, onChanges, onError } = options;
  const path = (file: string) => {
    const inside = relative(boundary, file);
    return (sep === '/' ? inside : inside.split(sep).join('/')) || '.';
  };
  const isIgnored = (file: string): boolean => {
    const inside = isAbsolute(file) ? path(file) : file;
    if (inside === '.') return false;
    const segments = inside.split('/');
    if (segments.some(segment => NEVER.has(segment))) return true;
    if (EDITORS.test(segments.at(-1) ?? '')) return true;
    if (isBelowAny(inside, ignored())) return true;
    return !roots().some(root => isWithin(root, inside) || isWithin(inside, root));
  };
  const gathered = { changed: new Set<string>(), appeared: new Set<string>(), gone: new Set<string>() };
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    const changes = {
      changed: [...gathered.changed],
      appeared: [...gathered.appeared],
      gone: [...gathered.gone],
    };
    for (const set of Object.values(gathered)) set.clear();
    onChanges(changes);
  };
  const gather = (set: Set<string>) => (file: string) => {
    set.add(path(file));
    timer ??= setTimeout(flush, GATHERED);
  };
  const watcher = watch(boundary, { ignored: isIgnored, ignoreInitial: true, followSymlinks: false });
  watcher.on('change', gather(gathered.changed));
  watcher.on('add', gather(gathered.appeared));
  watcher.on('unlink', gather(gathered.gone));
  watcher.on('error', error => onError(error instanceof Error ? error : new Error(String(error))));
  await new Promise<void>(resolve => watcher.once('ready', () => resolve()));
  return {
    refresh: () => {
      watcher.add(roots().map(root => (root === '.' ? boundary : `${boundary}${sep}${root}`)));
    },
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

/** Whether `path` is the folder or lies in it; `.` holds everything. */
export function isWithin(folder: string, path: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

function isBelowAny(path: string, folders: ReadonlySet<string>): boolean {
  if (folders.size === 0) return false;
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    if (folders.has(path.slice(0, at))) return true;
  }
  return folders.has(path);
}
