import type { ServiceOutputConfig } from '@svc/contracts';

type Overrides = NonNullable<ServiceOutputConfig['overrides']>;

/**
 * With `cleanUrls`, `about.html` answers at `/about`, as the vendor's CLI writes it for the files that builders return. What has
 * a path of its own already keeps it, and a folder's `index.html` answers for the folder anyway.
 *
 * @param files paths in `static/`.
 */
export function cleanUrlOverrides(files: readonly string[], existing: Overrides = {}): Overrides {
  const overrides: Record<string, Overrides[string]> = { ...existing };
  for (const file of files) {
    if (!file.endsWith('.html') || file === 'index.html' || file.endsWith('/index.html')) continue;
    if (existing[file]?.path === undefined) {
      overrides[file] = { ...existing[file], path: file.slice(0, -'.html'.length) };
    }
  }
  return overrides;
}
