import type { BuildInput } from '../input.ts';

/**
 * The variables that the vendor's CLI sets for a builder, over those that every step has (section 4 of the services reference).
 * `undefined` takes one away. The output directory of the vendor's variable is the project's, which services do not have.
 */
export function builderEnvironment(input: BuildInput): Record<string, string | undefined> {
  return {
    VERCEL: '1',
    NOW_BUILDER: '1',
    __VERCEL_BUILD_RUNNING: '1',
    VERCEL_PROJECT_SETTINGS_BUILD_COMMAND: input.buildCommand ?? undefined,
    VERCEL_PROJECT_SETTINGS_INSTALL_COMMAND: input.installCommand ?? undefined,
    VERCEL_PROJECT_SETTINGS_OUTPUT_DIRECTORY: undefined,
    VERCEL_IMMUTABLE_STATIC_FILES_ENABLED: undefined,
    // Installing is svc's own step; builders that install by way of build-utils ask for this.
    VERCEL_INSTALL_COMPLETED: input.isInstalled ? '1' : undefined,
    NODE_ENV: undefined,
  };
}
