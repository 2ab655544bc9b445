import { setTimeout as wait } from 'node:timers/promises';
import {
  descendants,
  entriesBelow,
  identityOf,
  marked,
  openFiles,
  residentMemory,
  variableOf,
} from './processes.mjs';

const SECONDS_BETWEEN_LOOKS = 3;
/** Seconds that svc gets to let go of what the load needed. */
const REST = 90;
/** Seconds without a change that count as rest. */
const QUIET = 5;
/** Seconds in which what was told to end has to be gone. */
const PATIENCE = 5;

/** Looks at a deployment until it is told to stop; each look is added to `samples`. */
export function watch(deployment, samples) {
  const stopping = new AbortController();
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      const { files, processes } = look(deployment);
      const heap = await deployment.heap();
      samples.push({ heap, resident: residentMemory(deployment.pid), files, processes });
      await wait(SECONDS_BETWEEN_LOOKS * 1000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: () => {
      stopping.abort();
      return looking;
    },
  };
}

/**
 * Resolves with the last look when nothing has changed for a while, or as soon as there is no more of anything than in
 * `wanted`; when neither comes, after 90 seconds.
 */
export async function atRest(deployment, wanted) {
  const deadline = performance.now() + REST * 1000;
  let last = look(deployment);
  let since = performance.now();
  for (;;) {
    const now = performance.now();
    const isQuiet = wanted ? isWithin(last, wanted) : now - since >= QUIET * 1000;
    if (isQuiet || now >= deadline) return last;
    await wait(200);
    const next = look(deployment);
    if (JSON.stringify(next) !== JSON.stringify(last)) since = performance.now();
    last = next;
  }
}

function isWithin(looked, wanted) {
  return Object.keys(wanted).every(name => looked[name] <= wanted[name]);
}

function look({ pid, temporary }) {
  return {
    files: openFiles(pid),
    processes: descendants(pid).length,
    temporary: entriesBelow(temporary).length,
  };
}

/** All that svc has started, as it can be found again when svc is gone. */
export function familyOf({ pid, temporary }) {
  const all = descendants(pid);
  const [mark] = all.flatMap(id => variableOf(id, 'SVC_RUN') ?? []);
  if (mark === undefined) throw new Error('no process of the deployment carries the mark of its run');
  return { identities: all.map(identityOf), mark, temporary };
}

/** What is left of it after svc has ended: processes, wherever they have gone, and temporary files. */
export async function survivors({ identities, mark, temporary }) {
  const deadline = performance.now() + PATIENCE * 1000;
  for (;;) {
    const known = identities.filter(identity => identityOf(identity.split('@')[0]) === identity);
    const left = { survivors: [...known, ...marked('SVC_RUN', mark)], temporary: entriesBelow(temporary) };
    if ((left.survivors.length === 0 && left.temporary.length === 0) || performance.now() >= deadline)
      return left;
    await wait(100);
  }
}
