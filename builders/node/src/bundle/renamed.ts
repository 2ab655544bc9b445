const NUMBERED =
  /\b(?:class|function\*?)\s+([A-Za-z_$][\w$]*?)\d+\b|\b([A-Za-z_$][\w$]*?)\d+\s*=\s*(?:class\b|function\b|async\b|\()/g;

/**
 * Whether two classes or functions of different files had the same name, so that the bundler numbered one of them:
 * programs that look at `name`, as ORMs and dependency injection do, would see `User2`. Names are kept by extra code
 * (`keepNames`), which is added only then, because it breaks functions that are sent elsewhere as text.
 */
export function hasRenamed(bundle: string): boolean {
  return [...bundle.matchAll(NUMBERED)].some(match => {
    const name = (match[1] ?? match[2] ?? '').replaceAll('$', '\\$');
    return new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(bundle);
  });
}
