import picomatch from 'picomatch';

/** Whether a workspace pattern (`packages/*`, `./apps/**`, `libs/{a,b}/`) names a folder. */
export function matchesPattern(pattern: string, folder: string): boolean {
  const plain = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  return picomatch.isMatch(folder, plain, { dot: true });
}

/** The folder that all matches of a workspace pattern lie in: `packages` for `packages/*`, `.` for a pattern that may match anywhere. */
export function fixedFolder(pattern: string): string {
  const segments = pattern.replace(/^\.\//, '').split('/');
  const first = segments.findIndex(segment => /[*?[\]{}()!+@\\]/.test(segment));
  const fixed = first === -1 ? segments : segments.slice(0, first);
  return fixed.join('/').replace(/\/+$/, '') || '.';
}
