import { posix } from 'node:path';

/** Folders that a `go.work` uses, relative to the folder it lies in. */
export function usedFolders(text: string): string[] {
  const plain = withoutComments(text);
  const blocks = [...plain.matchAll(/^\s*use\s*\(([^)]*)\)/gm)].flatMap(match =>
    (match[1] ?? '').split('\n'),
  );
  const lines = [...plain.matchAll(/^\s*use\s+([^\s(].*)$/gm)].map(match => match[1] ?? '');
  return [...blocks, ...lines]
    .map(line => line.trim().replace(/^["`](.*)["`]$/, '$1'))
    .filter(line => line !== '')
    .map(folder => posix.normalize(folder).replace(/(.)\/$/, '$1'));
}

/**
 * The same workspace for another place: with the folders that are to be used, and replacements that lead to folders, as
 * absolute paths.
 *
 * @param folder absolute path of the folder in which the `go.work` lies.
 */
export function movedWorkspace(text: string, folder: string, used: readonly string[]): string {
  const rest = withoutComments(text)
    .replace(/^\s*use\s*\([^)]*\)/gm, '')
    .replace(/^\s*use\s+[^\s(].*$/gm, '')
    .replace(/(=>\s*)(\.{1,2}\/\S*|\.{1,2}(?=\s|$))/g, (_, arrow: string, path: string) => {
      return `${arrow}${JSON.stringify(posix.join(folder, path))}`;
    });
  const lines = used.map(path => `use ${JSON.stringify(posix.join(folder, path))}`);
  return `${rest.trim()}\n\n${lines.join('\n')}\n`;
}

/** Folders that `replace` directives of a `go.mod` or `go.work` lead to, relative to the folder it lies in. */
export function replacedFolders(text: string): string[] {
  return [...withoutComments(text).matchAll(/=>\s*["`]?(\.{1,2}(?:\/[^\s"`]*)?)/g)].map(([, path = '.']) =>
    posix.normalize(path).replace(/(.)\/$/, '$1'),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\/.*$/gm, '');
}
