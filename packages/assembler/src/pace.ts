import { setImmediate } from 'node:timers/promises';

/** Milliseconds of synchronous work after which timers and signal handlers get their turn. */
const SLICE = 10;

/**
 * Lets long synchronous work breathe. On trees of small files synchronous calls are several times faster than a trip
 * through the thread pool for each, but a build that takes seconds to assemble must still redraw and obey Ctrl-C.
 */
export class Pace {
  #since = performance.now();

  due(): boolean {
    return performance.now() - this.#since > SLICE;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
