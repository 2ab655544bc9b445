import type { CompilerOptions } from './tsconfig.ts';

/** Whether a source needs its types written down for run time, which esbuild does not do. */
export function wantsMetadata(source: string, options: CompilerOptions | undefined): boolean {
  return options?.emitDecoratorMetadata === true && /@[A-Za-z_$]/.test(source);
}

export type Metadata =
  | { readonly ok: true; readonly code: string }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/**
 * Compiles decorators with `design:type`, `design:paramtypes` and `design:returntype`, as tsc does under
 * `emitDecoratorMetadata`. The code ends in an inline source map, which esbuild follows.
 */
export async function compileDecorators(
  name: string,
  source: string,
  options: CompilerOptions | undefined,
): Promise<Metadata> {
  const { transform } = await import('oxc-transform');
  const result = await transform(name, source, {
    lang: name.endsWith('x') ? 'tsx' : 'ts',
    sourceType: 'module',
    decorator: {
      legacy: true,
      emitDecoratorMetadata: true,
      strictNullChecks: options?.strictNullChecks ?? options?.strict ?? false,
    },
    jsx: 'preserve',
    sourcemap: true,
  });
  const error = result.errors[0];
  if (error) return { ok: false, message: error.message, offset: error.labels[0]?.start ?? 0 };
  const map = Buffer.from(JSON.stringify(result.map)).toString('base64');
  return {
    ok: true,
    code: `${result.code}\n//# sourceMappingURL=data:application/json;base64,${map}`,
  };
}

/** The modules that a TypeScript source imports for more than their types. */
export async function importedValues(name: string, source: string): Promise<ReadonlySet<string>> {
  const { transform } = await import('esbuild');
  const { code } = await transform(source, {
    loader: name.endsWith('x') ? 'tsx' : 'ts',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    logLevel: 'silent',
  });
  return new Set([...code.matchAll(/^(?:import|export)\b[^;]*?"([^"\n]+)"/gm)].map(match => match[1] ?? ''));
}
