import { join } from 'node:path';
import { DIST } from '../places.ts';

/** Absolute paths of the bundled programs that run beside svc. */
export const PROGRAMS = {
  launcher: join(DIST, 'tools', 'launcher.mjs'),
  edgeLauncher: join(DIST, 'tools', 'edge-launcher.mjs'),
  watchdog: join(DIST, 'tools', 'watchdog.mjs'),
};
