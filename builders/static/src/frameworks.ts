import type { Framework } from '@vercel/frameworks';

/** One entry of `@vercel/frameworks`. The list is loaded on first use. */
export async function findFramework(slug: string): Promise<Framework | undefined> {
  return listOf(await import('@vercel/frameworks')).find(framework => framework.slug === slug);
}

/**
 * The module is CommonJS: Node gives its exports by name, a bundle only as `default`. The package types the list as a
 * literal whose rules are read-only, which its own `Framework` does not admit.
 */
function listOf(module: { readonly frameworks?: unknown; readonly default?: unknown }): readonly Framework[] {
  const whole = module.frameworks ? module : (module.default as { readonly frameworks: unknown });
  return whole.frameworks as readonly Framework[];
}

/** The package by which the framework is known, and whose version counts as the framework's. */
export function frameworkPackage({ detectors }: Framework): string | null {
  const rules = [...(detectors?.every ?? []), ...(detectors?.some ?? [])];
  const named = rules.find(rule => rule.matchPackage !== undefined)?.matchPackage;
  return named ?? rules.map(rule => packageInPattern(rule.matchContent)).find(name => name !== null) ?? null;
}

/** Older rules look for `"@sveltejs\/kit":` in the text of `package.json`. */
function packageInPattern(pattern: string | undefined): string | null {
  const name = /ependencies.*?"((?:@[\w.-]+\\?\/)?[\w.-]+)":/.exec(pattern ?? '')?.[1];
  return name?.replace('\\/', '/') ?? null;
}
