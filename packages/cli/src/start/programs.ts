import { join } from 'node:path';
import { DIST } from '../places.ts';

/** Absolute paths of the bundled programs that run beside svc. */
export const PROGRAMS = {
  launcher: join(DIST, 'tools', 'launcher.mjs'),
  edgeLauncher: join(DIST, 'tools', 'edge-launcher.mjs'),
  watchdog: join(DIST, 'tools', 'watchdog.mjs'),
};

/** The same for `svc dev`, where Node also loads TypeScript. */
export function devPrograms(): typeof PROGRAMS & { readonly typescript: string } {
  return { ...PROGRAMS, typescript: import.meta.resolve('tsx') };
}
