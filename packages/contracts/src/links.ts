/** More links than this on one path is a circle (Linux uses the same number). */
const MOST_LINKS = 40;

export type LinkEnd =
  | { readonly kind: 'inside'; readonly path: string }
  | { readonly kind: 'outside' }
  | { readonly kind: 'circle' };

/**
 * Where a path of a tree leads when the links of that tree are followed the way the kernel does it: segment by segment,
 * so that `a/..` is the parent of what the link `a` leads to, not the folder that holds `a`.
 * `links` maps paths of the tree to targets. What does not exist is taken for a folder.
 */
export function followLinks(path: string, links: ReadonlyMap<string, string>): LinkEnd {
  const pending = path.split('/').reverse();
  const walked: string[] = [];
  let followed = 0;
  for (let segment = pending.pop(); segment !== undefined; segment = pending.pop()) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      if (walked.pop() === undefined) return { kind: 'outside' };
      continue;
    }
    const target = links.get([...walked, segment].join('/'));
    if (target === undefined) {
      walked.push(segment);
      continue;
    }
    if (isAbsolute(target)) return { kind: 'outside' };
    if (++followed > MOST_LINKS) return { kind: 'circle' };
    pending.push(...target.split('/').reverse());
  }
  return { kind: 'inside', path: walked.join('/') };
}

/** Absolute for any system that may unpack the deployment: POSIX, drive letters, UNC. */
export function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:)/.test(path);
}
