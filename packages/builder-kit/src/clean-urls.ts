import type { ServiceOutputConfig } from '@svc/contracts';

type Overrides = NonNullable<ServiceOutputConfig['overrides']>;

/**
 * What `cleanUrls` does to files: `about.html` answers at `/about`. A folder's `index.html` needs nothing, it answers for
 * the folder anyway, and the redirects that `cleanUrls` compiles to take care of its longer names. (The vendor writes
 * overrides for the top-level flag only, so that a service's own flag redirects to pages that are not there: number 15 in
 * section 8 of the services reference.)
 *
 * @param files paths in `static/`.
 * @param existing overrides that are there already; their paths stay as they are.
 */
export function cleanUrlOverrides(files: readonly string[], existing: Overrides = {}): Overrides {
  const overrides: Record<string, Overrides[string]> = { ...existing };
  for (const file of files) {
    if (!file.endsWith('.html') || file === 'index.html' || file.endsWith('/index.html')) continue;
    if (existing[file]?.path !== undefined) continue;
    overrides[file] = { ...existing[file], path: file.slice(0, -'.html'.length) };
  }
  return overrides;
}
