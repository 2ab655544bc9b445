import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from './repository.ts';

/** End-to-end tests run the bundled command line, so it must be that of these sources. */
export default function setup(): void {
  execFileSync(process.execPath, [join(REPOSITORY, 'scripts', 'bundle.mjs')], { stdio: 'inherit' });
}
