/** What the text of a source file gives away, without parsing it: enough to tell an entrypoint from its neighbours. */
export interface Signs {
  readonly importsFramework: boolean;
  /** Exports something that can answer requests, or listens itself. */
  readonly answers: boolean;
  readonly edge: boolean;
  /** Files it imports by a relative path, as written. */
  readonly relativeImports: readonly string[];
}

const ANSWERS = [
  /^\s*export\s+default\b(?!\s+(?:async\s+)?(?:function\s+)?(?:build|create|make|setup|init)[A-Z])/m,
  /\bexport\s*\{[^}]*\bdefault\b[^}]*\}/,
  /\bmodule\.exports\s*=(?!\s*(?:async\s+)?(?:function\s+)?(?:build|create|make|setup|init)[A-Z])/,
  /\bexports\.(?:default|fetch|GET|HEAD|OPTIONS|POST|PUT|DELETE|PATCH)\s*=/,
  /^\s*export\s*=\s/m,
  /^\s*export\s+(?:async\s+)?(?:function|const|let|var)\s+(?:fetch|GET|HEAD|OPTIONS|POST|PUT|DELETE|PATCH)\b/m,
  /\bexport\s*\{[^}]*\b(?:fetch|GET|HEAD|OPTIONS|POST|PUT|DELETE|PATCH)\b[^}]*\}/,
  /\.listen\s*\(/,
  /\bserve\s*\(/,
];

const EDGE = [
  /\bexport\s+const\s+config\b[^=]*=\s*\{[^}]*\bruntime\s*:\s*['"`](?:experimental-)?edge['"`]/,
  /\bexport\s+const\s+runtime\s*=\s*['"`](?:experimental-)?edge['"`]/,
];

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g;

export function readSigns(source: string, frameworkPackages: readonly string[]): Signs {
  const text = withoutComments(source);
  const specifiers = [...text.matchAll(SPECIFIER)].map(match => match[2] ?? '');
  return {
    importsFramework: specifiers.some(name =>
      frameworkPackages.some(wanted => name === wanted || name.startsWith(`${wanted}/`)),
    ),
    answers: ANSWERS.some(sign => sign.test(text)),
    edge: declaresEdge(text),
    relativeImports: specifiers.filter(name => name.startsWith('.')),
  };
}

/** Whether a file asks for the edge runtime by `export const config = { runtime: 'edge' }`. */
export function declaresEdge(source: string): boolean {
  return EDGE.some(sign => sign.test(withoutComments(source)));
}

/** Whole comments and comment lines only: a `//` further right may be part of a string. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
