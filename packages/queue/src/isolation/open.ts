import { never } from '@svc/contracts';
import type { Sources } from '@svc/sources';
import type { Trash } from '../folders.ts';
import type { Mechanism } from './choose.ts';
import { copyIsolation } from './copy.ts';
import type { Isolation, IsolationContext } from './isolation.ts';
import { mountIsolation } from './mounts.ts';
import { noIsolation } from './none.ts';

/** The isolation that `chooseMechanism` has decided on, ready for its first working copy. */
export async function openIsolation(
  mechanism: Mechanism,
  context: IsolationContext,
  sources: Sources,
  trash: Trash,
): Promise<Isolation> {
  switch (mechanism.kind) {
    case 'mounts':
      return mountIsolation(context, mechanism.tools, trash, mechanism.strict);
    case 'copy':
      return copyIsolation(context, sources, trash, mechanism.why);
    case 'none':
      return noIsolation(context);
    default:
      return never(mechanism);
  }
}
