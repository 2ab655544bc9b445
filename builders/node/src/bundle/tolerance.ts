import { readFileSync } from 'node:fs';
import type { OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { importedValues, wantsMetadata } from './decorators.ts';
import { type ModuleKind, TYPESCRIPT } from './job.ts';
import type { TsConfigs } from './tsconfig.ts';

const NAMESPACE = 'svc-nothing';

/**
 * What imports may get away with in files with decorator metadata. Those mention types as if they were values, and for
 * some types there is nothing at run time: an interface, a package that holds declarations only.
 */
export interface Tolerance {
  /** Whether imports by this file may name exports that don't exist; a problem of ES modules alone. */
  mayLackNames(file: string): boolean;
  /** Whether a file may import a package that isn't there. */
  mayLackPackage(file: string, specifier: string): Promise<boolean>;
}

export function importerTolerance(kind: ModuleKind, configs: TsConfigs): Tolerance {
  const isTolerant = (file: string) =>
    TYPESCRIPT.test(file) && wantsMetadata(readFileSync(file, 'utf8'), configs.optionsFor(file));
  return {
    mayLackNames: file => kind === 'esm' && isTolerant(file),
    mayLackPackage: async (file, specifier) =>
      isTolerant(file) && !(await importedValues(file, readFileSync(file, 'utf8'))).has(specifier),
  };
}

/** An empty module for an import that cannot be resolved and that only serves types; else `undefined`. */
export async function nothingForTypes(
  args: OnResolveArgs,
  tolerance: Tolerance,
): Promise<OnResolveResult | undefined> {
  if (args.kind !== 'import-statement') return undefined;
  const isType = await tolerance.mayLackPackage(args.importer, args.path);
  return isType ? { path: args.path, namespace: NAMESPACE } : undefined;
}

export const nothing: Plugin = {
  name: 'svc-nothing',
  setup(build) {
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, () => ({ contents: 'module.exports = {};' }));
  },
};
