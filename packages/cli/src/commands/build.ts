import { build } from '../build/build.ts';
import { readBuildOptions } from '../build/options.ts';

/**
 * Builds all services and puts their outputs together as one deployment directory. When nothing has changed since the last
 * build, `bin/svc.js` has found that out before this is loaded.
 */
export async function run(args: readonly string[]): Promise<number> {
  return build(readBuildOptions(args));
}
