import type { Json } from '@svc/contracts';

/** A place in a source, as rustc tells it. */
export interface Span {
  readonly file_name: string;
  readonly line_start: number;
  readonly column_start: number;
  readonly is_primary: boolean;
  readonly label: string | null;
  /** Where the macro was written whose expansion this is. */
  readonly expansion: { readonly span: Span } | null;
}

export interface CompilerMessage {
  readonly reason: 'compiler-message';
  readonly manifest_path: string;
  readonly message: {
    readonly level: string;
    readonly message: string;
    readonly rendered: string | null;
    readonly code: { readonly code: string } | null;
    readonly spans: readonly Span[];
    readonly children: readonly { readonly level: string; readonly message: string }[];
  };
}

export interface ArtifactMessage {
  readonly reason: 'compiler-artifact';
  readonly target: { readonly name: string; readonly kind: readonly string[] };
  readonly executable: string | null;
}

/** What cargo writes with `--message-format=json`, one object a line; see "External tools" in cargo's book. */
export function readMessages(stdout: string): { compiler: CompilerMessage[]; artifacts: ArtifactMessage[] } {
  const messages = stdout
    .split('\n')
    // Build scripts may print beside it.
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Json as unknown as CompilerMessage | ArtifactMessage);
  return {
    compiler: messages.filter(each => each.reason === 'compiler-message'),
    artifacts: messages.filter(each => each.reason === 'compiler-artifact'),
  };
}
