import { JointWork, type SharedMemory } from '@svc/cache/stored';

/** What a helping thread is given. `manifest`: its text, since parsing it takes half as long as copying what it says. */
export interface HelperData {
  readonly helper: number;
  readonly memory: SharedMemory;
  /** Of the local store. */
  readonly folder: string;
  readonly manifest: string;
}

export interface Helpers {
  readonly work: JointWork;
  /** To be called in the end, whatever has happened. */
  dismiss(): void;
}

/**
 * From so many files on helpers are worth it. On two cores to start and end one cost 30 ms where it had nothing to save; it broke
 * even at 4,200 files on a disk, and nearly so at 8,400 in memory.
 */
const MANY = 4000;
/** More threads than that find the file system's own locks in each other's way. */
const MOST = 3;

/**
 * Starts threads that help to write a deployment: undefined where it is too small, or there is only one core, or no thread can
 * be had. They may begin when `work` is opened; those that are not up by the time it is done are not waited for.
 *
 * @param program what they run, a CommonJS file.
 */
export function startHelpers(
  program: string,
  data: Pick<HelperData, 'folder' | 'manifest'>,
  files: number,
): Helpers | undefined {
  if (files < MANY) return undefined;
  const cores = process.getBuiltinModule('node:os').availableParallelism();
  const count = Math.min(MOST, cores - 1);
  if (count < 1) return undefined;
  const work = JointWork.of(files, count);
  const threads = process.getBuiltinModule('node:worker_threads');
  try {
    for (let helper = 0; helper < count; helper++) {
      const workerData: HelperData = { ...data, helper, memory: work.memory };
      // Nobody's own modules belong there (`--require`), and nobody waits for it to end. What it leaves behind is collected
      // early, which takes no longer and saves 15 MB.
      const worker = new threads.Worker(program, {
        workerData,
        env: threads.SHARE_ENV,
        execArgv: [],
        resourceLimits: { maxYoungGenerationSizeMb: 4 },
      });
      worker.unref();
      // It has ended before it began, by lack of memory for one, so the main thread has done its share: what it did begin
      // and not end is found out by `work`.
      worker.on('error', () => {});
    }
  } catch (error) {
    if (!cannotStart(error)) throw error;
  }
  return { work, dismiss: () => work.fail(undefined) };
}

function cannotStart(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && (code.startsWith('ERR_WORKER_') || code === 'ERR_ACCESS_DENIED');
}
