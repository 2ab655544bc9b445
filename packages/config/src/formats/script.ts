import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Failure } from '@svc/contracts';
import type { BuildFailure, Message } from 'esbuild';
import type { Document } from '../document.ts';
import { type SourceText, sourceText } from '../source-text.ts';
import type { ScriptContext } from './index.ts';
import type { Reading } from './json.ts';
import { placesInScript } from './script-places.ts';

/**
 * Reads a configuration that is a program: bundles it, runs it in a process of its own, and takes what it exports as
 * `default`, else as `config`, else everything it exports.
 */
export async function readScript(file: string, text: string, context: ScriptContext): Promise<Reading> {
  const source = sourceText(file, text);
  const bundle = await bundled(source, context.directory);
  if ('failures' in bundle) return bundle;
  const { evaluate } = await import('./script-evaluation.ts');
  const result = await evaluate(bundle.code, context);
  if (!result.ok) return { failures: [evaluationFailure(source, result)] };
  const document: Document = { file, value: result.value, place: placesInScript(source) };
  return { document, failures: [] };
}

async function bundled(
  source: SourceText,
  directory: string,
): Promise<{ readonly code: string } | { readonly failures: readonly Failure[] }> {
  const { build } = await import('esbuild');
  try {
    const result = await build({
      stdin: {
        contents: source.text,
        sourcefile: source.file,
        resolveDir: directory,
        loader: loaderOf(source.file),
      },
      absWorkingDir: directory,
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      ...asIfInPlace(join(directory, source.file)),
    });
    return { code: result.outputFiles[0]?.text ?? '' };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { failures: error.errors.map(message => bundleFailure(source, message)) };
  }
}

/** The bundle runs elsewhere; its idea of its own place, and what it requires at run time, stay those of the original. */
function asIfInPlace(file: string): {
  readonly define: Record<string, string>;
  readonly banner: { js: string };
} {
  const url = JSON.stringify(pathToFileURL(file).href);
  const name = JSON.stringify(file);
  const folder = JSON.stringify(dirname(file));
  return {
    define: {
      __filename: name,
      __dirname: folder,
      'import.meta.filename': name,
      'import.meta.dirname': folder,
      'import.meta.url': url,
    },
    banner: {
      js: `import { createRequire as __svcRequire } from 'node:module'; const require = __svcRequire(${url});`,
    },
  };
}

function loaderOf(file: string): 'ts' | 'js' {
  return file.endsWith('ts') ? 'ts' : 'js';
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error;
}

function bundleFailure(source: SourceText, message: Message): Failure {
  const missing = /^Could not resolve "([^"]+)"/.exec(message.text)?.[1];
  const { location } = message;
  return {
    code: missing ? 'config-evaluation' : 'config-syntax',
    message: missing ? `"${missing}" cannot be found, which this configuration imports` : message.text,
    ...(missing ? { help: helpForImport(missing) } : {}),
    ...(location
      ? {
          position: {
            file: location.file,
            line: location.line,
            column: location.column + 1,
            length: Math.max(1, location.length),
            lineText: location.lineText,
          },
        }
      : { position: source.position({ offset: 0, length: 1 }) }),
  };
}

function helpForImport(name: string): string {
  if (name.startsWith('.')) return 'Check the path: it is relative to the file that imports it.';
  return `Install the dependencies of the project's folder first (npm install), "${name}" among them.`;
}

function evaluationFailure(
  source: SourceText,
  problem: {
    readonly message: string;
    readonly help?: string;
    readonly line?: number;
    readonly column?: number;
  },
): Failure {
  const offset = offsetOf(source.text, problem.line ?? 1, problem.column ?? 1);
  return {
    code: 'config-evaluation',
    message: problem.message,
    ...(problem.help ? { help: problem.help } : {}),
    position: source.position({ offset, length: 1 }),
  };
}

function offsetOf(text: string, line: number, column: number): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
