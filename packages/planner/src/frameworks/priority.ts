import type { ServiceFolder } from '../service/folder.ts';
import type { Match } from './detect.ts';
import { runtimeOfFramework } from './runtimes.ts';

/** Frameworks that are built on others and so always match together with them, beyond what the list says itself. */
const ALSO_SUPERSEDES: Readonly<Record<string, readonly string[]>> = {
  nestjs: ['express', 'fastify'],
  nitro: ['h3'],
  nuxtjs: ['h3', 'vite'],
  astro: ['vite'],
  'solidstart-1': ['vite'],
};

/** Bundlers that servers have for their tests or their own build. They make a site only where there is a page. */
const BUNDLERS = new Set(['vite', 'parcel']);

/** Tools that document a project of another kind more often than they are the project. */
const DOCUMENTATION_TOOLS = new Set(['storybook', 'vitepress', 'vuepress']);

/**
 * Orders what matched, best first. Within a rank, the order of `@vercel/frameworks` decides; the ranks settle what that
 * order gets wrong:
 *
 * 0. frameworks that make a site or an application;
 * 1. backends, which match only by an import in their entrypoint, and languages;
 * 2. bundlers in a folder without an `index.html`: Vite beside Express is there for vitest or for a client elsewhere;
 * 3. documentation tools.
 */
export function byPriority(matches: readonly Match[], folder: ServiceFolder): Match[] {
  const superseded = new Set(
    matches.flatMap(({ framework }) => [
      ...(framework.supersedes ?? []),
      ...(ALSO_SUPERSEDES[framework.slug ?? ''] ?? []),
    ]),
  );
  return matches
    .filter(({ framework }) => !superseded.has(framework.slug ?? ''))
    .map(match => ({ match, rank: rankOf(match, folder) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ match }) => match);
}

function rankOf({ framework }: Match, folder: ServiceFolder): number {
  const slug = framework.slug ?? '';
  if (slug === 'container') return 0;
  if (DOCUMENTATION_TOOLS.has(slug) || framework.detectionConfidence === 'weak') return 3;
  if (BUNDLERS.has(slug)) return folder.has('index.html') ? 0 : 2;
  return runtimeOfFramework(framework) === null ? 0 : 1;
}
