import { Connection, type Endpoint } from './connection.ts';

/** Milliseconds in which connections have to be needed at least once, to be kept for longer. */
const PERIOD = 15_000;

/**
 * The connections to one function: taken for a request, given back when the response is complete. What only a rush of
 * requests has needed is closed after it.
 */
export class ConnectionPool {
  private readonly idle: Connection[] = [];
  private readonly open = new Set<Connection>();
  /** The fewest that were idle at the same time since the last look: so many could have been done without. */
  private spare = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly endpoint: Endpoint) {}

  /** @param fresh never one that was used before. */
  take(fresh = false): Connection {
    const kept = fresh ? undefined : this.takeIdle();
    if (this.idle.length < this.spare) this.spare = this.idle.length;
    if (kept) return kept;
    const connection = Connection.open(
      this.endpoint,
      free => this.idle.push(free),
      gone => this.forget(gone),
    );
    this.open.add(connection);
    this.timer ??= setInterval(() => this.closeSpare(), PERIOD).unref();
    return connection;
  }

  /** Ends all connections; requests that are on them have failed. */
  close(): void {
    clearInterval(this.timer);
    for (const connection of this.open) connection.abort();
  }

  /** One that the other end has closed stays here for a moment, until it is gone on this side as well. */
  private takeIdle(): Connection | undefined {
    for (;;) {
      const kept = this.idle.pop();
      if (!kept || kept.isUsable) return kept;
    }
  }

  private closeSpare(): void {
    // The last ones given back are the first ones taken, so the first ones have waited longest.
    for (const connection of this.idle.splice(0, this.spare)) connection.destroy();
    this.spare = this.idle.length;
  }

  private forget(connection: Connection): void {
    this.open.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at !== -1) this.idle.splice(at, 1);
  }
}
