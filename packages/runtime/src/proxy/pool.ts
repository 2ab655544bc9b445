import { Connection, type Endpoint } from './connection.ts';

/** The connections to one function: taken for a request, given back when the response is complete. */
export class ConnectionPool {
  private readonly idle: Connection[] = [];
  private readonly open = new Set<Connection>();

  constructor(private readonly endpoint: Endpoint) {}

  /** @param fresh never one that was used before. */
  take(fresh = false): Connection {
    const kept = fresh ? undefined : this.idle.pop();
    if (kept) return kept;
    const connection = Connection.open(
      this.endpoint,
      free => this.idle.push(free),
      gone => this.forget(gone),
    );
    this.open.add(connection);
    return connection;
  }

  /** Ends all connections; requests that are on them have failed. */
  close(): void {
    for (const connection of this.open) connection.abort();
  }

  private forget(connection: Connection): void {
    this.open.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at !== -1) this.idle.splice(at, 1);
  }
}
