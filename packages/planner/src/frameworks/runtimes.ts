import { extname } from 'node:path/posix';
import type { Framework } from './catalog.ts';

/** What `runtime` may say (section 3.1 of the services reference). */
export const RUNTIMES = ['node', 'python', 'go', 'rust', 'ruby', 'container'] as const;
export type Runtime = (typeof RUNTIMES)[number];

export function isRuntime(name: string): name is Runtime {
  return (RUNTIMES as readonly string[]).includes(name);
}

/** Builder packages of the vendor that stand for a runtime; the others belong to one frontend framework each. */
const RUNTIME_OF_BUILDER: Readonly<Record<string, Runtime>> = {
  '@vercel/backends': 'node',
  '@vercel/express': 'node',
  '@vercel/hono': 'node',
  '@vercel/h3': 'node',
  '@vercel/koa': 'node',
  '@vercel/nestjs': 'node',
  '@vercel/fastify': 'node',
  '@vercel/elysia': 'node',
  '@vercel/python': 'python',
  '@vercel/go': 'go',
  '@vercel/rust': 'rust',
  '@vercel/ruby': 'ruby',
  '@vercel/container': 'container',
};

/** The runtime that runs a framework's code; null for frontends, which bring their own builder or are only files. */
export function runtimeOfFramework(framework: Framework): Runtime | null {
  return RUNTIME_OF_BUILDER[framework.useRuntime?.use ?? ''] ?? null;
}

/**
 * What a builder must list among its `runtimes` to build services of this framework: a runtime, `static` for frameworks
 * that leave files, or the vendor's builder without its scope (`next`, `remix-builder`) for frontends with a server part.
 */
export function builderKey(framework: Framework): string {
  const use = framework.useRuntime?.use;
  return runtimeOfFramework(framework) ?? (use === undefined ? 'static' : use.replace('@vercel/', ''));
}

const RUNTIME_OF_EXTENSION: Readonly<Record<string, Runtime>> = {
  '.ts': 'node',
  '.mts': 'node',
  '.cts': 'node',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.py': 'python',
  '.go': 'go',
  '.rs': 'rust',
  '.rb': 'ruby',
  '.ru': 'ruby',
};

export function runtimeOfFile(path: string): Runtime | null {
  return RUNTIME_OF_EXTENSION[extname(path)] ?? null;
}
