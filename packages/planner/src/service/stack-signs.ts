import { basename, dirname, extname } from 'node:path/posix';
import type { Runtime } from '../frameworks/runtimes.ts';
import type { ServiceFolder } from './folder.ts';

/** Files at the top of a folder that settle its language where no framework does, most telling first. */
const LANGUAGE_FILES: readonly (readonly [Runtime, readonly string[]])[] = [
  ['go', ['go.mod', 'main.go']],
  ['rust', ['Cargo.toml']],
  [
    'python',
    [
      ...['pyproject.toml', 'requirements.txt', 'Pipfile', 'uv.lock', 'setup.py', 'manage.py'],
      ...['main.py', 'app.py', 'server.py', 'index.py', 'asgi.py', 'wsgi.py'],
    ],
  ],
  ['ruby', ['config.ru', 'Gemfile']],
];

/** The order in which a container's file is looked for (section 3.1(3) of the services reference). */
export const CONTAINER_FILES = ['Dockerfile.vercel', 'Containerfile.vercel', 'Dockerfile', 'Containerfile'];

export interface LanguageSign {
  readonly runtime: Runtime;
  readonly file: string;
}

export function languageSign(folder: ServiceFolder): LanguageSign | undefined {
  for (const [runtime, files] of LANGUAGE_FILES) {
    const file = files.find(each => folder.has(each));
    if (file !== undefined) return { runtime, file };
  }
  return undefined;
}

export function containerSign(folder: ServiceFolder): LanguageSign | undefined {
  const file = CONTAINER_FILES.find(each => folder.has(each));
  return file === undefined ? undefined : { runtime: 'container', file };
}

/** Manifests of stacks that svc does not build: where one lies, files are sources and must never be published. */
const FOREIGN_MANIFESTS = [
  /^composer\.json$/,
  /^(?:pom\.xml|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|build\.sbt)$/,
  /\.(?:csproj|fsproj|vbproj|sln)$/,
  /^(?:mix\.exs|rebar\.config|gleam\.toml)$/,
  /^(?:Gemfile|Rakefile|shard\.yml)$/,
  /^(?:Package\.swift|pubspec\.yaml|elm\.json|dune-project|build\.zig|CMakeLists\.txt)$/,
  /^(?:project\.clj|deps\.edn|stack\.yaml)$|\.cabal$/,
  /^deno\.jsonc?$/,
  /^tsconfig(?:\..+)?\.json$/,
];

/** Pages that a server runs before it sends them: sources wherever they lie. */
const SERVER_PAGES = new Set(['.php', '.phtml', '.jsp', '.asp', '.aspx', '.cshtml', '.cgi', '.cfm', '.erb']);

/** Languages that no browser runs. Examples for download are common deeper down, so only these folders count. */
const SOURCE_FOLDERS = /^(?:\.|(?:src|app|lib|server|api|cmd|internal|pkg)(?:\/.*)?)$/;
const SOURCE_EXTENSIONS = new Set(
  (
    '.py .rb .go .rs .java .kt .kts .scala .cs .fs .vb .swift .ex .exs .erl .clj .hs .ml .lua .pl .pm .jl .dart .nim ' +
    '.zig .cr .c .cc .cpp .h .hpp .ts .mts .cts .tsx .jsx .vue .svelte .astro .coffee'
  ).split(' '),
);

/** JavaScript that only a server can run. */
const SERVER_IMPORT =
  /\b(?:from|require|import)\s*\(?\s*['"](?:node:)?(?:http|https|http2|net|fs|fs\/promises|cluster|child_process|express|fastify|koa|hono|h3|elysia|pg|mysql2?)['"]/;

/**
 * What shows that a folder holds somebody's source code rather than a site: file names, most telling first. Empty for a
 * folder of plain HTML, scripts, styles, images and other things that a web root holds.
 */
export async function sourceCodeSigns(folder: ServiceFolder): Promise<string[]> {
  const manifests = folder.files.filter(
    file => !file.includes('/') && FOREIGN_MANIFESTS.some(pattern => pattern.test(basename(file))),
  );
  const pages = folder.files.filter(file => SERVER_PAGES.has(extname(file).toLowerCase()));
  const isVideo = folder.files.some(file => file.endsWith('.m3u8'));
  const sources = folder.files.filter(file => {
    const extension = extname(file).toLowerCase();
    // `.ts` is also the ending of the pieces of a video stream.
    if (extension === '.ts' && isVideo) return false;
    return SOURCE_EXTENSIONS.has(extension) && SOURCE_FOLDERS.test(dirname(file));
  });
  return [...new Set([...manifests, ...pages, ...sources, ...(await serverScripts(folder))])];
}

/** Scripts at the top of the folder that import what only a server has. */
export async function serverScripts(folder: ServiceFolder): Promise<string[]> {
  const scripts = folder.files.filter(file => !file.includes('/') && /\.[cm]?js$/.test(file));
  const texts = await Promise.all(scripts.map(file => folder.read(file)));
  return scripts.filter((_, index) => SERVER_IMPORT.test(texts[index] ?? ''));
}
