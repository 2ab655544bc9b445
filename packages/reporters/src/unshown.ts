import type { Failure, Notice, SvcEvent } from '@svc/contracts';

/** Keeps account of what has been told but not shown yet, so that nothing is shown twice or never. */
export class Unshown {
  #notices: Notice[] = [];
  readonly #failures = new Set<string>();

  add(event: Extract<SvcEvent, { type: 'warning' | 'cache.rejected' }>): void {
    this.#notices.push(event.type === 'warning' ? event.notice : rejectedNotice(event));
  }

  /** The warnings since the last call. */
  takeNotices(): Notice[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  /** Those of these failures that were not given before: a run repeats in its summary what it has told on the way. */
  takeFailures(failures: readonly Failure[]): Failure[] {
    return failures.filter(failure => {
      const key = JSON.stringify(failure);
      if (this.#failures.has(key)) return false;
      this.#failures.add(key);
      return true;
    });
  }
}

function rejectedNotice(event: Extract<SvcEvent, { type: 'cache.rejected' }>): Notice {
  const { service, from, reason } = event;
  return {
    code: 'cache-rejected',
    ...(service === null ? {} : { service }),
    message: `the ${from} cache was not used: ${reason}`,
  };
}
