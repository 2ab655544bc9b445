/** A place where code reads an environment variable. */
export interface EnvReference {
  readonly name: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, where the variable's name begins. */
  readonly column: number;
}

const NAME = '([A-Za-z_]\\w*)';
const QUOTED = `\\(?\\s*["'\`]${NAME}["'\`]`;
const JAVASCRIPT_ENV = '(?:process\\.env|import\\.meta\\.env|Bun\\.env)';

/** Each form in which the languages that svc builds read a variable; the one group is its name. */
const FORMS = [
  `${JAVASCRIPT_ENV}(?:\\?\\.|\\.)${NAME}`,
  `${JAVASCRIPT_ENV}(?:\\?\\.)?\\[\\s*["'\`]${NAME}["'\`]`,
  `Deno\\.env\\.get${QUOTED}`,
  `os\\.environ(?:\\.get|\\.setdefault)?[[(]\\s*["']${NAME}["']`,
  `os\\.getenv${QUOTED}`,
  `os\\.(?:Getenv|LookupEnv)${QUOTED}`,
  `env::var(?:_os)?${QUOTED}`,
  `(?:option_)?env!${QUOTED}`,
  `ENV\\[\\s*["']${NAME}["']`,
  `ENV\\.fetch${QUOTED}`,
  `(?<![.\\w])getenv${QUOTED}`,
].map(form => new RegExp(form, 'g'));

/** `const { API_URL, KEY: key = '' } = process.env` */
const DESTRUCTURED = /\{([^{}]*)\}\s*=\s*(?:process\.env|import\.meta\.env|Bun\.env)\b/g;

/** Files without these letters read no variable: most files are done with one search. */
const MAY_READ = /env/i;

/**
 * Which environment variables a source file reads, in the order of the text. Comments count: they cannot be told apart
 * cheaply.
 *
 * @param wanted only these variables; all when absent.
 */
export function readEnvReferences(source: string, wanted?: ReadonlySet<string>): EnvReference[] {
  if (!MAY_READ.test(source)) return [];
  const found: { name: string; index: number }[] = [];
  const add = (name: string, index: number) => {
    if (!wanted || wanted.has(name)) found.push({ name, index });
  };
  for (const form of FORMS) {
    for (const match of source.matchAll(form)) {
      const name = match[1] ?? '';
      add(name, match.index + match[0].lastIndexOf(name));
    }
  }
  for (const match of source.matchAll(DESTRUCTURED)) {
    for (const property of (match[1] ?? '').matchAll(/(?:^|,)\s*([A-Za-z_]\w*)/g)) {
      const name = property[1] ?? '';
      add(name, match.index + 1 + property.index + property[0].length - name.length);
    }
  }
  return found
    .sort((a, b) => a.index - b.index)
    .map(({ name, index }) => ({ name, ...place(source, index) }));
}

function place(source: string, index: number): { line: number; column: number } {
  const before = source.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: index - lineStart + 1 };
}
