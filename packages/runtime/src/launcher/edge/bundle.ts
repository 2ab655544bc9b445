import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/** Node's modules that edge code may use; each also with `node:` in front. See the platform's edge runtime. */
export const NODE_MODULES = ['assert', 'async_hooks', 'buffer', 'events', 'util'] as const;

/**
 * The code of an edge function as one CommonJS script, however it was written: as a module with imports, in several
 * files, with packages, with WebAssembly.
 *
 * @param directory what the function may read; WebAssembly is loaded from nowhere else.
 * @throws when it cannot be bundled.
 */
export async function bundleEdge(entrypoint: string, directory: string): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [entrypoint],
    absWorkingDir: directory,
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'browser',
    target: 'es2023',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['edge-light', 'worker', 'browser', 'module'],
    external: NODE_MODULES.flatMap(name => [name, `node:${name}`]),
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(entrypoint).href) },
    sourcemap: 'inline',
    logLevel: 'silent',
    plugins: [webAssembly(directory)],
  });
  return outputFiles[0]?.text ?? '';
}

/** `import module from './code.wasm?module'`, and the absolute `/wasm/code.wasm` that Next.js writes. */
function webAssembly(directory: string): Plugin {
  return {
    name: 'webassembly',
    setup(build) {
      build.onResolve({ filter: /\.wasm(?:\?module)?$/ }, ({ path, resolveDir }) => {
        const plain = path.replace(/\?module$/, '');
        const inFunction = join(directory, plain);
        const file = plain.startsWith('/') && existsSync(inFunction) ? inFunction : join(resolveDir, plain);
        const shown = relative(directory, file);
        if (shown.startsWith(`..${sep}`)) return { errors: [{ text: `${path} is outside of the function` }] };
        return { path: shown, namespace: 'webassembly' };
      });
      build.onLoad({ filter: /.*/, namespace: 'webassembly' }, ({ path }) => ({
        contents: `module.exports = loadWebAssembly(${JSON.stringify(path)});`,
        loader: 'js',
      }));
    },
  };
}
