/** Tables and requests as the reference evaluator and the generator of random ones write them. */
export interface Rule {
  handle?: string;
  src?: string;
  dest?: string;
  destination?: { type: 'service'; service: string; path?: string };
  headers?: Record<string, string>;
  methods?: string[];
  has?: Condition[];
  missing?: Condition[];
  status?: number;
  continue?: boolean;
  check?: boolean;
  important?: boolean;
  override?: boolean;
  transforms?: { type: string; op: string; target?: { key: string }; args: string }[];
}

export interface Condition {
  type: 'header' | 'cookie' | 'query' | 'host';
  key?: string;
  value?: string | Record<string, unknown>;
}

export interface Tables {
  [name: string]: { routes: Rule[]; files: string[]; functions: string[] };
}

export interface Question {
  method: string;
  path: string;
  query: string | null;
  headers: Record<string, string>;
  host: string;
}
