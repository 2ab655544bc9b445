import { type Conformance, conformanceAt } from '@svc/conformance';
import { PLUGIN_PROGRAMS, toolFolders } from './places.ts';
import { devPrograms } from './start/programs.ts';

/** What `svc/builder-kit/conformance` exports: the suite, with the programs of this svc. */
export const conformance: Conformance = conformanceAt(() => ({
  programs: devPrograms(),
  preload: PLUGIN_PROGRAMS.preload,
  toolFolders,
}));
