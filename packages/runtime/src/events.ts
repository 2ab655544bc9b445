/** What happens while a deployment runs. The command line renders these; the runtime writes nothing itself. */
export type RuntimeEvent =
  | { readonly type: 'request'; readonly record: RequestRecord }
  | {
      readonly type: 'function.output';
      readonly service: string | null;
      readonly name: string;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | {
      readonly type: 'function.started';
      readonly service: string | null;
      readonly name: string;
      /** Milliseconds from the start of the process until it answered the probe. */
      readonly duration: number;
    }
  | { readonly type: 'problem'; readonly service: string | null; readonly message: string };

/** One answered request. */
export interface RequestRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly target: string;
  readonly host: string;
  readonly status: number;
  /** Milliseconds until the last byte was handed to the system. */
  readonly duration: number;
  /** Of the body, as written to the connection. */
  readonly bytes: number;
  /** Who answered; null for the public table itself. */
  readonly service: string | null;
  /** The service that called over a binding; null for a public request. */
  readonly caller: string | null;
  /** Whether a function answered, and not a file or the table. */
  readonly invoked: boolean;
  /** The client left before the response was complete. */
  readonly aborted: boolean;
}

/** Where events go. Must not throw and must not block. */
export type EmitRuntime = (event: RuntimeEvent) => void;
