/** What a path may lead to inside one service. */
export type Output =
  | { readonly type: 'static'; readonly file: string; readonly contentType?: string }
  | { readonly type: 'function'; readonly name: string };

/** The paths at which one service's files and functions are found. */
export interface Outputs {
  /** @param path decoded URL path without its leading slash; a trailing slash is kept. `''` is the root. */
  find(path: string): Output | undefined;
}

/** What one service's output directory holds, as a runtime lists it. Paths are POSIX. */
export interface OutputListing {
  /** Files below `static/`. */
  readonly files: readonly string[];
  /** Functions below `functions/`, without `.func`. */
  readonly functions: readonly string[];
  /** `overrides` of the service's `config.json`. */
  readonly overrides?: Readonly<Record<string, { readonly path?: string; readonly contentType?: string }>>;
  /** Names of `*.prerender-config.json` below `functions/`, without that ending: they answer like functions. */
  readonly prerenders?: readonly string[];
}

/**
 * Which path leads to what (section 6.5 of the services reference): a file to its name; with an override, to the
 * override's path instead; a function to its name; `index` and `index.html` to their folder as well. Where a file and a
 * function have the same path, the file answers. Nothing outside the listing can be found.
 */
export function outputsOf(listing: OutputListing): Outputs {
  const files = new Map<string, Output>();
  // What has a path of its own rather than a file's name, and answers with a slash behind it too.
  const pages = new Map<string, Output>();
  for (const name of [...listing.functions, ...(listing.prerenders ?? [])]) {
    pages.set(name, { type: 'function', name });
  }
  const overrides = listing.overrides ?? {};
  for (const file of listing.files) {
    const override = Object.hasOwn(overrides, file) ? overrides[file] : undefined;
    const path = override?.path?.replace(/^\/+|\/+$/g, '');
    const contentType = override?.contentType;
    const output: Output = { type: 'static', file, ...(contentType === undefined ? {} : { contentType }) };
    if (path === undefined) files.set(file, output);
    else pages.set(path, output);
  }
  const folders = new Map<string, Output>();
  for (const [file, output] of files) addFolder(folders, file, 'index.html', output);
  for (const [path, output] of pages) addFolder(folders, path, 'index', output);
  return {
    find(path) {
      const exact = files.get(path) ?? pages.get(path);
      if (exact) return exact;
      const folder = path.endsWith('/') ? path.slice(0, -1) : path;
      return pages.get(folder) ?? folders.get(folder);
    },
  };
}

/** `docs/index.html` answers for `docs`, `index.html` for the root. */
function addFolder(folders: Map<string, Output>, path: string, index: string, output: Output): void {
  if (path === index) folders.set('', output);
  else if (path.endsWith(`/${index}`)) folders.set(path.slice(0, -index.length - 1), output);
}
