import type { HeaderChange, ResponseHeader } from '../decision.ts';
import type { Edit } from '../table/transforms.ts';

/**
 * How far a request has come. Replaced, never changed, so that a try which leads nowhere can be undone by keeping the
 * old one.
 */
export interface State {
  /** The path that is looked up. */
  readonly path: string;
  readonly query: string | null;
  /** What the code sees, as long as no transform says otherwise. */
  readonly seenPath: string;
  readonly seenQuery: string | null;
  /** The last valid `request.path` transform. */
  readonly shownPath: string | undefined;
  /** From rules that matched; nothing is sent yet. */
  readonly status: number | undefined;
  readonly headers: readonly ResponseHeader[];
  readonly headerEdits: readonly Edit[];
  readonly queryEdits: readonly Edit[];
  readonly responseEdits: readonly Edit[];
  /** What middleware changed. */
  readonly changes: readonly HeaderChange[];
}

export function startAt(path: string, query: string | null): State {
  return {
    path,
    query,
    seenPath: path,
    seenQuery: query,
    shownPath: undefined,
    status: undefined,
    headers: NONE,
    headerEdits: NONE,
    queryEdits: NONE,
    responseEdits: NONE,
    changes: NONE,
  };
}

const NONE: readonly never[] = [];

/** The value of a header that is to be sent. */
export function headerOf(state: State, name: string): string | undefined {
  return state.headers.find(header => header.name === name)?.value;
}

/** The same headers with this one instead of any of its name. */
export function withHeader(
  headers: readonly ResponseHeader[],
  header: ResponseHeader,
): readonly ResponseHeader[] {
  return headers.length === 0 ? [header] : [...headers.filter(({ name }) => name !== header.name), header];
}

/** The same headers with this cookie beside those that are there: each is a header of its own. */
export function withCookie(headers: readonly ResponseHeader[], value: string): readonly ResponseHeader[] {
  return [...headers, { name: 'set-cookie', value, important: false }];
}
