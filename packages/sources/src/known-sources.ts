import { fileList, filesBelow } from './listing.ts';
import type { Sources } from './sources.ts';

/** What an earlier look at a project found, of which not a name has changed since. */
export interface KnownListing {
  readonly boundary: string;
  /** Every input, all of them on the disk. */
  readonly listed: readonly string[];
  readonly ignored: readonly string[];
  readonly openIgnored: readonly string[];
}

/** The files of a project without looking at it again. */
export function knownSources({ boundary, listed, ignored, openIgnored }: KnownListing): Sources {
  const files = fileList(listed);
  const open = new Set(openIgnored);
  return {
    boundary,
    decidedBy: 'record',
    // They were told of when they were found.
    warnings: [],
    files: async (directories, wanted) => {
      const found = filesBelow(files, directories);
      return wanted ? found.filter(wanted) : found;
    },
    filesDirectlyIn: async directory => files.directlyIn(directory),
    ignored: async () => ignored,
    listed: () => new Set(listed),
    openIgnored: async () => open,
  };
}
