/** A request on the short way to a function. */
interface Brief {
  /** Milliseconds of the monotonic clock. */
  readonly began: number;
  /** Goes on with all that the long way has: limits of time, a visit that stopping waits for. */
  goLong(): void;
}

/** How long a request may stay on the short way, and how often that is looked at. Milliseconds. */
const PATIENCE = 50;

/** The requests that go the short way. One timer for all of them moves those that take their time to the long way. */
export class ShortExchanges {
  /** The oldest first. */
  private readonly running = new Set<Brief>();
  private timer: NodeJS.Timeout | undefined;

  add(exchange: Brief): void {
    this.running.add(exchange);
    this.timer ??= setInterval(this.look, PATIENCE).unref();
  }

  delete(exchange: Brief): void {
    this.running.delete(exchange);
  }

  /** Moves all to the long way. */
  close(): void {
    for (const exchange of [...this.running]) exchange.goLong();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private readonly look = (): void => {
    if (this.running.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    const latest = performance.now() - PATIENCE;
    for (const exchange of this.running) {
      if (exchange.began > latest) return;
      exchange.goLong();
    }
  };
}
