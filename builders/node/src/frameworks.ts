/** A framework whose apps are Node servers, and how its use shows in sources and in `node_modules`. */
export interface NodeFramework {
  /** Packages whose import marks a file as the app's. */
  readonly imports: readonly string[];
  /** The package whose version is the framework's. */
  readonly versionOf: string;
  /** Base names of entrypoint files, most likely first. */
  readonly names: readonly string[];
}

const COMMON = ['app', 'index', 'server', 'main'] as const;

/** By slug, as `@vercel/frameworks` names them. */
const FRAMEWORKS: Readonly<Record<string, NodeFramework>> = {
  express: { imports: ['express'], versionOf: 'express', names: COMMON },
  hono: { imports: ['hono', '@hono/node-server'], versionOf: 'hono', names: COMMON },
  h3: { imports: ['h3'], versionOf: 'h3', names: COMMON },
  koa: { imports: ['koa'], versionOf: 'koa', names: COMMON },
  nestjs: {
    imports: ['@nestjs/core'],
    versionOf: '@nestjs/core',
    names: ['main', 'app', 'index', 'server'],
  },
  fastify: { imports: ['fastify'], versionOf: 'fastify', names: COMMON },
  elysia: { imports: ['elysia'], versionOf: 'elysia', names: COMMON },
};

/** `undefined` for plain Node: no framework to recognise. */
export function nodeFramework(slug: string | null): NodeFramework | undefined {
  return slug === null ? undefined : FRAMEWORKS[slug];
}

/** For plain Node a `server` file says more than any other name. */
export const PLAIN_NAMES: readonly string[] = ['server', 'index', 'app', 'main'];
export const SOURCE_EXTENSIONS: readonly string[] = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];
export const BUILT_EXTENSIONS: readonly string[] = ['js', 'mjs', 'cjs'];
