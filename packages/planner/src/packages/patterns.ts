import picomatch from 'picomatch';

/** Whether a workspace pattern (`packages/*`, `./apps/**`, `libs/{a,b}/`) names a folder. */
export function matchesPattern(pattern: string, folder: string): boolean {
  const plain = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  return picomatch.isMatch(folder, plain, { dot: true });
}
