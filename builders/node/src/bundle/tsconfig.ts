import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'jsonc-parser';

/** The compiler options that decide what the bundler does to a file; esbuild reads the others itself. */
export interface CompilerOptions {
  readonly emitDecoratorMetadata?: boolean;
  readonly module?: string;
  readonly strict?: boolean;
  readonly strictNullChecks?: boolean;
}

/** Finds the `tsconfig.json` that governs a file, no higher than the boundary, `extends` followed. Remembers folders. */
export class TsConfigs {
  readonly #boundary: string;
  readonly #byFolder = new Map<string, CompilerOptions | undefined>();

  constructor(boundary: string) {
    this.#boundary = boundary;
  }

  optionsFor(file: string): CompilerOptions | undefined {
    return this.#forFolder(dirname(file));
  }

  #forFolder(folder: string): CompilerOptions | undefined {
    if (this.#byFolder.has(folder)) return this.#byFolder.get(folder);
    const file = join(folder, 'tsconfig.json');
    const parent = dirname(folder);
    const options = existsSync(file)
      ? readOptions(file, new Set())
      : folder === this.#boundary || parent === folder
        ? undefined
        : this.#forFolder(parent);
    this.#byFolder.set(folder, options);
    return options;
  }
}

function readOptions(file: string, seen: Set<string>): CompilerOptions {
  if (seen.has(file)) return {};
  seen.add(file);
  const config = parse(readFileSync(file, 'utf8'), [], { allowTrailingComma: true }) as {
    extends?: string | string[];
    compilerOptions?: CompilerOptions;
  };
  const bases = [config?.extends ?? []].flat().flatMap(base => locateBase(base, file) ?? []);
  return Object.assign({}, ...bases.map(base => readOptions(base, seen)), config?.compilerOptions);
}

/** A base that cannot be found is left to esbuild, which reports it with its place in the file. */
function locateBase(base: string, file: string): string | undefined {
  const names = [base, `${base}.json`, `${base}/tsconfig.json`];
  if (/^\.{0,2}\//.test(base) || base === '..') {
    return names
      .map(name => resolve(dirname(file), name))
      .find(path => /\.json$/.test(path) && existsSync(path));
  }
  const require = createRequire(file);
  for (const name of names) {
    try {
      const path = require.resolve(name);
      if (path.endsWith('.json')) return path;
    } catch {
      // Not a module under this name: try the next.
    }
  }
  return undefined;
}
