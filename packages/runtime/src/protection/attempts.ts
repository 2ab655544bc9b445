const MOST_ATTEMPTS = 10;
/** Milliseconds. */
const WINDOW = 60_000;
const MOST_REMEMBERED = 10_000;

/** Counts wrong passwords by address, so that guessing is slow. */
export class Attempts {
  private readonly failures = new Map<string, { count: number; since: number }>();

  /** @param now milliseconds since 1970. */
  constructor(private readonly now: () => number) {}

  isAllowed(address: string): boolean {
    const known = this.failures.get(address);
    return !known || known.count < MOST_ATTEMPTS || this.now() - known.since >= WINDOW;
  }

  failed(address: string): void {
    const known = this.failures.get(address);
    if (known && this.now() - known.since < WINDOW) {
      known.count++;
      return;
    }
    this.failures.delete(address);
    this.failures.set(address, { count: 1, since: this.now() });
    const [oldest] = this.failures.keys();
    if (this.failures.size > MOST_REMEMBERED && oldest !== undefined) this.failures.delete(oldest);
  }
}
