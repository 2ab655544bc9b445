import type { Failure, Json } from '@svc/contracts';
import type * as JsonParser from 'jsonc-parser';
import { type Document, documentOfTree, type Tree } from '../document.ts';
import { type SourceText, type Span, sourceText } from '../source-text.ts';

/** What reading a file gave: a document if it could be read at all, and what is wrong with its syntax. */
export interface Reading {
  readonly document?: Document;
  readonly failures: readonly Failure[];
}

/**
 * Reads JSON. With `comments` (JSONC) comments and trailing commas are part of the format; without, they are errors,
 * but the document is read nevertheless, so that what else is wrong shows in the same run.
 */
export async function readJson(
  file: string,
  text: string,
  options: { readonly comments: boolean },
): Promise<Reading> {
  const parser = await import('jsonc-parser');
  const source = sourceText(file, text.replace(/^\uFEFF/, ' '));
  const errors: JsonParser.ParseError[] = [];
  const root = parser.parseTree(source.text, errors, { allowTrailingComma: true });
  const extensions = options.comments ? [] : forbiddenExtensions(parser, source);
  if (errors.length > 0 || !root) {
    return { failures: [...syntaxFailures(parser, source, errors), ...extensions] };
  }
  const duplicates: Failure[] = [];
  const tree = treeOf(root, key => duplicates.push(duplicateKey(source, key)));
  return { document: documentOfTree(source, tree), failures: [...extensions, ...duplicates] };
}

function treeOf(node: JsonParser.Node, onDuplicate: (key: JsonParser.Node) => void, key?: Span): Tree {
  const common = { span: spanOf(node), ...(key ? { keySpan: key } : {}) };
  if (node.type === 'array') {
    const items = (node.children ?? []).map(child => treeOf(child, onDuplicate));
    return { ...common, items, value: items.map(item => item.value) };
  }
  if (node.type === 'object') {
    const fields = new Map<string, Tree>();
    for (const property of node.children ?? []) {
      const [name, value] = property.children ?? [];
      if (!name || !value) continue;
      if (fields.has(name.value)) onDuplicate(name);
      fields.set(name.value, treeOf(value, onDuplicate, spanOf(name)));
    }
    const entries = [...fields].map(([name, child]): [string, Json] => [name, child.value]);
    return { ...common, fields, value: Object.fromEntries(entries) };
  }
  return { ...common, value: node.value as Json };
}

function spanOf(node: JsonParser.Node): Span {
  return { offset: node.offset, length: node.length };
}

function duplicateKey(source: SourceText, key: JsonParser.Node): Failure {
  return {
    code: 'config-syntax',
    message: `"${key.value}" is written twice in the same object; only the last one would count`,
    help: 'Keep one of the two.',
    position: source.position(spanOf(key)),
  };
}

/** One failure a line: the parser goes on after an error, and what it reports later on that line is mostly an echo. */
function syntaxFailures(
  parser: typeof JsonParser,
  source: SourceText,
  errors: readonly JsonParser.ParseError[],
): Failure[] {
  if (source.text.trim() === '') {
    const position = source.position({ offset: 0, length: 1 });
    return [{ code: 'config-syntax', message: 'The file is empty', help: 'Write at least {}.', position }];
  }
  const byLine = new Map<number, Failure>();
  errors.forEach((error, index) => {
    const position = source.position(error);
    if (byLine.has(position.line) || isEcho(parser, source, errors, index)) return;
    byLine.set(position.line, { code: 'config-syntax', ...explain(parser, source, error), position });
  });
  return [...byLine.values()];
}

/** What an earlier error alone has caused: a word that is no value leaves a value missing, an open quote hides brackets. */
function isEcho(
  parser: typeof JsonParser,
  source: SourceText,
  errors: readonly JsonParser.ParseError[],
  index: number,
): boolean {
  const nameOf = (error: JsonParser.ParseError | undefined) =>
    error && parser.printParseErrorCode(error.error);
  const [error, previous] = [errors[index], errors[index - 1]];
  if (!error || !previous) return false;
  const between = source.text.slice(previous.offset + previous.length, error.offset);
  if (nameOf(previous) === 'InvalidSymbol' && between.trim() === '') return true;
  const closes = /^Close/.test(nameOf(error) ?? '');
  return closes && errors.slice(0, index).some(earlier => nameOf(earlier) === 'UnexpectedEndOfString');
}

function explain(
  parser: typeof JsonParser,
  source: SourceText,
  error: JsonParser.ParseError,
): { message: string; help?: string } {
  const end = error.offset + error.length;
  const found = source.text.slice(error.offset, end);
  const isName = /^\s*:/.test(source.text.slice(end));
  const here = found ? `, but here is ${found}` : ', but the file ends here';
  const name = parser.printParseErrorCode(error.error);
  switch (name) {
    case 'InvalidSymbol':
      return found.startsWith("'")
        ? {
            message: `${found} has single quotes`,
            help: `Use double quotes: "${found.replace(/^'|'$/g, '')}".`,
          }
        : {
            message: isName ? `The name ${found} has no quotes` : `${found} is no JSON value`,
            help: `${isName ? 'Write' : 'Text stands in double quotes:'} "${found}".`,
          };
    case 'InvalidNumberFormat':
      return { message: `${found} is no number that JSON allows` };
    case 'PropertyNameExpected':
      return {
        message: `A name in double quotes was expected${here}`,
        ...(/^\w+$/.test(found) ? { help: `Write "${found}" with double quotes.` } : {}),
      };
    case 'ValueExpected':
      return { message: `A value was expected${here}` };
    case 'ColonExpected':
      return { message: `A colon was expected after the name${here}`, help: 'Write "name": value.' };
    case 'CommaExpected':
      return { message: `A comma was expected${here}`, help: 'Put a comma after the entry before this one.' };
    case 'CloseBraceExpected':
      return { message: `A closing } was expected${here}`, help: 'Each { needs its }.' };
    case 'CloseBracketExpected':
      return { message: `A closing ] was expected${here}`, help: 'Each [ needs its ].' };
    case 'EndOfFileExpected':
      return { message: `The file should have ended before ${found}`, help: 'Look for a } too many above.' };
    case 'UnexpectedEndOfString':
      return { message: 'This text has no closing quote', help: 'Close it with " on the same line.' };
    case 'UnexpectedEndOfComment':
      return { message: 'This comment is never closed', help: 'Close it with */.' };
    case 'UnexpectedEndOfNumber':
      return { message: 'This number is incomplete' };
    case 'InvalidUnicode':
    case 'InvalidEscapeCharacter':
      return {
        message: `${found} has an escape that JSON does not know`,
        help: 'Write a backslash as \\\\.',
      };
    case 'InvalidCharacter':
      return {
        message: 'This text holds a control character',
        help: 'Write a tab as \\t, a line end as \\n.',
      };
    default:
      return { message: `This is not valid JSON (${name})` };
  }
}

/** Comments and trailing commas: one failure a kind, however many there are. */
function forbiddenExtensions(parser: typeof JsonParser, source: SourceText): Failure[] {
  const scanner = parser.createScanner(source.text, false);
  const comments: Span[] = [];
  const commas: Span[] = [];
  let lastComma: Span | undefined;
  for (let token = scanner.scan() as number; token !== TOKEN.endOfFile; token = scanner.scan() as number) {
    const span = { offset: scanner.getTokenOffset(), length: scanner.getTokenLength() };
    if (token === TOKEN.lineComment || token === TOKEN.blockComment) comments.push(span);
    else if (token === TOKEN.comma) lastComma = span;
    else if (token === TOKEN.lineBreak || token === TOKEN.trivia) continue;
    else {
      const closes = token === TOKEN.closeBrace || token === TOKEN.closeBracket;
      if (closes && lastComma) commas.push(lastComma);
      lastComma = undefined;
    }
  }
  return [
    ...extensionFailure(source, comments, 'A comment is not allowed in JSON'),
    ...extensionFailure(source, commas, 'A comma before a closing bracket is not allowed in JSON'),
  ];
}

/** The scanner's token numbers; the package declares them as a `const enum`, which has no value at run time. */
const TOKEN = {
  closeBrace: 2,
  closeBracket: 4,
  comma: 5,
  lineComment: 12,
  blockComment: 13,
  lineBreak: 14,
  trivia: 15,
  endOfFile: 17,
} as const;

function extensionFailure(source: SourceText, spans: readonly Span[], message: string): Failure[] {
  const [first, ...others] = spans;
  if (!first) return [];
  const more = others.length > 0 ? ` (and ${others.length} more below)` : '';
  return [
    {
      code: 'config-syntax',
      message: `${message}${more}`,
      help: `Rename ${source.file} to ${source.file.replace(/json$/, 'jsonc')}, or remove it.`,
      position: source.position(first),
    },
  ];
}
