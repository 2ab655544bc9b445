import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import type { Loader, PartialMessage, Plugin } from 'esbuild';
import { openComputedLoads } from './computed.ts';
import { compileDecorators, wantsMetadata } from './decorators.ts';
import {
  type BundleJob,
  insideFunction,
  isInstalled,
  type ModuleKind,
  shippedName,
  TYPESCRIPT,
} from './job.ts';
import { locationPrefix, withPrefix } from './location.ts';
import type { TsConfigs } from './tsconfig.ts';

/** `new URL('./worker.ts', import.meta.url)` and `path.join(__dirname, 'worker.js')`: code that is started by its place. */
const STARTED =
  /(?:new\s+URL\(\s*(['"])(\.[^'"\n]+\.[cm]?[jt]s)\1\s*,\s*import\.meta\.url|__dirname\s*,\s*(['"])([^'"\n]+\.[cm]?[jt]s)\3)/g;
const STARTED_TYPESCRIPT = /(new\s+URL\(\s*(['"])\.[^'"\n]+\.[cm]?)ts(\2\s*,\s*import\.meta\.url)/g;
const STARTS_ITSELF =
  /\b(?:Worker|fork)\(\s*(?:__filename|import\.meta\.filename|(?:new\s+URL|fileURLToPath)\(\s*import\.meta\.url)/;

export interface OwnSources {
  readonly plugin: Plugin;
  /** How many characters stand before the first line of a file: what to take off columns there. */
  readonly prefixes: Map<string, number>;
  /** The text of files that were changed on their way in, for source maps. */
  readonly originals: Map<string, string>;
  /** TypeScript files that are started by their place, such as workers. */
  readonly started: Set<string>;
  /** Set when own files have to exist by themselves: one loads others by computed names, or starts itself as a worker. */
  needsFiles: boolean;
}

/** Prepares own sources: decorator metadata, and names for where a file lies (see `location.ts`). */
export function ownSources(job: BundleJob, bundle: string, kind: ModuleKind, configs: TsConfigs): OwnSources {
  const found: Omit<OwnSources, 'plugin'> = {
    prefixes: new Map(),
    originals: new Map(),
    started: new Set(),
    needsFiles: false,
  };
  const result: OwnSources = Object.assign(found, {
    plugin: {
      name: 'svc-own-sources',
      setup(build) {
        build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
          if (isInstalled(job, path)) return undefined;
          const original = await readFile(path, 'utf8');
          for (const file of startedFiles(path, original)) found.started.add(file);
          const isEntry = path === job.entrypoint;
          if (!isEntry && STARTS_ITSELF.test(original)) found.needsFiles = true;
          if (openComputedLoads(original).hasComputedLoads) found.needsFiles = true;
          const compiled = await prepareSource(path, original, configs);
          if (!compiled.ok) return { errors: [compiled.error] };
          const prefix = locationPrefix(
            original,
            kind,
            insideFunction(job, bundle),
            shippedName(insideFunction(job, path)),
            isEntry,
          );
          if (prefix === '' && compiled.code === original) return undefined;
          found.originals.set(path, original);
          found.prefixes.set(path, prefix.length);
          return { contents: withPrefix(prefix, compiled.code), loader: loaderFor(path) };
        });
      },
    } satisfies Plugin,
  });
  return result;
}

export function loaderFor(path: string): Loader {
  return /\.[cm]?ts$/.test(path)
    ? 'ts'
    : path.endsWith('.tsx')
      ? 'tsx'
      : path.endsWith('.jsx')
        ? 'jsx'
        : 'js';
}

type Prepared =
  | { readonly ok: true; readonly code: string }
  | { readonly ok: false; readonly error: PartialMessage };

/** A source with its decorators compiled where its `tsconfig.json` wants metadata, and its paths as they are shipped. */
export async function prepareSource(path: string, original: string, configs: TsConfigs): Promise<Prepared> {
  const code = openComputedLoads(original).code.replace(STARTED_TYPESCRIPT, '$1js$3');
  const options = configs.optionsFor(path);
  if (!TYPESCRIPT.test(path) || !wantsMetadata(original, options)) return { ok: true, code };
  const compiled = await compileDecorators(path, code, options);
  if (!compiled.ok) return { ok: false, error: messageAt(path, original, compiled) };
  return { ok: true, code: compiled.code };
}

function messageAt(path: string, source: string, error: { message: string; offset: number }): PartialMessage {
  const before = source.slice(0, error.offset).split('\n');
  return {
    text: error.message,
    location: {
      file: path,
      line: before.length,
      column: Buffer.byteLength(before.at(-1) ?? ''),
      lineText: source.split('\n')[before.length - 1] ?? '',
    },
  };
}

/** TypeScript files that a source starts by their place, whichever of the two extensions it writes. */
function startedFiles(path: string, source: string): string[] {
  return [...source.matchAll(STARTED)].flatMap(match => {
    const written = resolve(dirname(path), match[2] ?? match[4] ?? '');
    const typescript = written.slice(0, -extname(written).length) + extname(written).replace('j', 't');
    return existsSync(typescript) ? [typescript] : [];
  });
}
