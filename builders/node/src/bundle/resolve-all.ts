import type { NodeFileTraceOptions } from '@vercel/nft';

type Resolve = NonNullable<NodeFileTraceOptions['resolve']>;
type Job = Parameters<Resolve>[2];

/**
 * A resolver that returns every file which some Node of 20, 22 or 24 may load for a specifier. The export condition
 * `module-sync` came in the middle of 20 and 22, and nft follows it or not by the Node that it runs on itself, so each
 * specifier is resolved once as if the condition were unknown and once as if it were known. Own sources are asked for as
 * both kinds of import, because a bundle may turn the one into the other.
 *
 * @param resolve nft's own resolver.
 * @param isOwn whether a file is a source of the service or of a workspace package.
 */
export function resolveAll(resolve: Resolve, isOwn: (file: string) => boolean): Resolve {
  return async (id, parent, job, cjsResolve) => {
    const kinds = isOwn(parent) ? [cjsResolve, !cjsResolve] : [cjsResolve];
    const found = new Set<string>();
    let refusal: unknown;
    for (const view of [withoutModuleSync(job), withModuleSync(job)]) {
      for (const kind of kinds) {
        try {
          for (const path of [await resolve(id, parent, view, kind)].flat()) found.add(path);
        } catch (error) {
          refusal ??= error;
        }
      }
    }
    if (found.size === 0) throw refusal;
    const paths = [...found];
    return paths.length === 1 && paths[0] !== undefined ? paths[0] : paths;
  };
}

const views = new WeakMap<Job, { without: Job; with: Job }>();

function withoutModuleSync(job: Job): Job {
  return viewsOf(job).without;
}

function withModuleSync(job: Job): Job {
  return viewsOf(job).with;
}

/** The job as two Nodes would see it: everything is shared but the conditions and the reading of manifests. */
function viewsOf(job: Job): { without: Job; with: Job } {
  const known = views.get(job);
  if (known) return known;
  const hidden = async (path: string) => {
    const text = await job.readFile(path);
    return text !== null && path.endsWith('package.json')
      ? text.toString().replaceAll('"module-sync"', '"module-sync (unknown)"')
      : text;
  };
  const made = {
    without: Object.create(job, { readFile: { value: hidden } }) as Job,
    with: Object.create(job, { conditions: { value: [...job.conditions, 'module-sync'] } }) as Job,
  };
  views.set(job, made);
  return made;
}
