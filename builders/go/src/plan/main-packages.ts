import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { PlanRequest } from '@svc/builder-kit';

/** A package that makes a program. Paths are relative to the service's root. */
export interface MainPackage {
  readonly folder: string;
  /** The file that holds `func main`. */
  readonly file: string;
}

/** Every main package of the service, outside folders that go itself passes over. */
export async function mainPackages(request: PlanRequest): Promise<MainPackage[]> {
  const candidates = request.files.filter(isGoSource);
  const mains = await Promise.all(
    candidates.map(async file => {
      const text = await readFile(join(request.paths.root, file), 'utf8');
      return isMain(text) ? [{ folder: posix.dirname(file), file }] : [];
    }),
  );
  const byFolder = new Map(mains.flat().map(each => [each.folder, each]));
  return [...byFolder.values()];
}

/** The clause that names a source's package, and where it stands (counted from 1); `undefined` for what is no Go. */
export function packageClause(text: string): { readonly name: string; readonly line: number } | undefined {
  const match = /^[ \t]*package[ \t]+(\w+)/m.exec(withoutComments(text));
  if (!match) return undefined;
  const line = withoutComments(text).slice(0, match.index).split('\n').length;
  return { name: match[1] ?? '', line };
}

function isGoSource(file: string): boolean {
  if (!file.endsWith('.go') || file.endsWith('_test.go')) return false;
  return !file
    .split('/')
    .some(part => /^[._]/.test(part) || ['vendor', 'testdata', 'node_modules'].includes(part));
}

function isMain(text: string): boolean {
  // A file with this constraint is run by hand and belongs to no program.
  if (/^\/\/(?:go:build|\s*\+build)\s+ignore\b/m.test(text)) return false;
  return packageClause(text)?.name === 'main' && /^func\s+main\s*\(\s*\)/m.test(withoutComments(text));
}

/** Comments become blank, so that lines keep their numbers. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, comment => comment.replace(/[^\n]/g, ' '))
    .replace(/^\s*\/\/.*$/gm, '');
}
