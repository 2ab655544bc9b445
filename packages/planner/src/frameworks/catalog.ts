import type { FrameworkInfo } from '@svc/builder-kit';
import type { Framework } from '@vercel/frameworks';

export type { Framework };

let loading: Promise<readonly Framework[]> | undefined;

/**
 * The list of `@vercel/frameworks`, in its own order. Loaded on first use: it costs about 20 ms bundled and 60 ms not.
 * Its companion `@vercel/fs-detectors` evaluates the list's rules but costs another 125 ms and reads files one by one,
 * so `detect.ts` evaluates them itself.
 */
export function loadFrameworks(): Promise<readonly Framework[]> {
  loading ??= import('@vercel/frameworks').then(module => {
    const list = listOf(module);
    return list.filter(framework => framework.slug !== null && framework.slug !== 'services');
  });
  return loading;
}

/**
 * The module is CommonJS: Node gives its exports by name, a bundle only as `default`. The package types the list as a
 * literal whose rules are read-only, which its own `Framework` does not admit.
 */
function listOf(module: { readonly frameworks?: unknown; readonly default?: unknown }): readonly Framework[] {
  const whole = module.frameworks ? module : (module.default as { readonly frameworks: unknown });
  return whole.frameworks as readonly Framework[];
}

/** What builders are told of a framework. */
export async function frameworkInfo(framework: Framework): Promise<FrameworkInfo> {
  return {
    slug: framework.slug ?? '',
    name: framework.name,
    buildCommand: framework.settings.buildCommand.value ?? null,
    devCommand: framework.settings.devCommand.value ?? null,
    outputDirectory: await outputDirectory(framework),
    cachePattern: framework.cachePattern ?? null,
    envPrefix: framework.envPrefix ?? null,
  };
}

/** The function takes a folder only where it looks at what the build left there. */
async function outputDirectory(framework: Framework): Promise<string | null> {
  if (framework.useRuntime || framework.getOutputDirName.length > 0) return null;
  return framework.getOutputDirName('');
}
