/** Lines a second that a service may write before it is slowed down: far more than anybody reads, less than costs others time. */
const MOST_LINES = 2000;
const SECOND = 1000;

/**
 * Slows down a service that floods its log: what it writes beyond the limit waits for the next second, as it would wait for a
 * slow terminal. Tells once a minute.
 */
export class FloodGuard {
  private count = 0;
  private began = 0;
  private lastTold = Number.NEGATIVE_INFINITY;

  constructor(private readonly tell: (message: string) => void) {}

  line(): void {
    this.count++;
  }

  /** Milliseconds to wait before more is read. */
  readonly pace = (): number => {
    const now = performance.now();
    if (now - this.began >= SECOND) {
      this.began = now;
      this.count = 0;
      return 0;
    }
    if (this.count <= MOST_LINES) return 0;
    if (now - this.lastTold > 60 * SECOND) {
      this.lastTold = now;
      this.tell(
        `it writes more than ${MOST_LINES} lines a second; svc reads no more than that, so it has to wait`,
      );
    }
    return SECOND - (now - this.began);
  };
}
