import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { readIfThere } from '@svc/builder-kit';
import type { Failure, Position } from '@svc/contracts';
import type { CargoPlace } from './cargo-failures.ts';
import type { CompilerMessage, Span } from './messages.ts';
import { shownPath } from './shown-path.ts';
import { REMAPPED_BOUNDARY } from './wrapper.ts';

const MOST = 10;

/** The first compile errors, each with its place and what rustc proposes. */
export async function compileFailures(
  messages: readonly CompilerMessage[],
  place: CargoPlace,
): Promise<Failure[]> {
  const errors = messages
    .filter(({ message }) => message.level === 'error' && !/^aborting due to/.test(message.message))
    .slice(0, MOST);
  return Promise.all(errors.map(error => compileFailure(error, place)));
}

async function compileFailure(error: CompilerMessage, place: CargoPlace): Promise<Failure> {
  const { code, message, spans, children, rendered } = error.message;
  const primary = spans.find(span => span.is_primary);
  const label = primary?.label;
  const span = primary && written(primary);
  const position = span && (await positionOf(span, error, place));
  const help = knownHelp(message, rendered ?? '') ?? children.find(({ level }) => level === 'help')?.message;
  const detail = label && !/^not found in/.test(label) && !message.includes(label) ? ` (${label})` : '';
  return {
    code: /^linker `[^`]+` not found/.test(message) ? 'tool-missing' : 'build-failed',
    message: `${firstLine(message)}${detail}${code ? ` [${code.code}]` : ''}`,
    ...(help === undefined ? {} : { help: firstLine(help) }),
    ...(position ? { position } : {}),
    ...(position ? {} : { output: (rendered ?? message).trimEnd().split('\n').slice(-20) }),
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}

function knownHelp(message: string, rendered: string): string | undefined {
  if (/^linker `[^`]+` not found/.test(message))
    return 'Install a C compiler, which Rust links with (Debian: apt install build-essential).';
  if (/^linking with .* failed/.test(message))
    return 'The linker misses a library of the system: its last lines say which.';
  const target = /the `([\w-]+)` target may not be installed/.exec(rendered)?.[1];
  if (target !== undefined) return `Install the target: rustup target add ${target}`;
  const crate =
    /^(?:unresolved import|failed to resolve: use of unresolved module or unlinked crate) `([\w]+)/.exec(
      message,
    )?.[1];
  if (crate !== undefined && /cargo add|unlinked crate|might be a missing crate/.test(rendered))
    return `If you mean a package of that name, add it: cargo add ${crate}`;
  return undefined;
}

/** Where the user wrote what is wrong: an error inside a macro's expansion is one of its call. */
function written(span: Span): Span {
  return span.expansion && isFromOutside(span) ? written(span.expansion.span) : span;
}

function isFromOutside({ file_name: file }: Span): boolean {
  return file.startsWith('/rustc/') || file.startsWith('/cargo/') || file.startsWith('<');
}

/** A message with the project's folder where rustc was told to write something else. */
export function withRealPaths(text: string, boundary: string): string {
  return text.replace(new RegExp(`(^|--> )${REMAPPED_BOUNDARY}/`, 'gm'), `$1${boundary}/`);
}

/** Sources of workspace members are told from the workspace's folder, those of others from their own. */
async function positionOf(
  { file_name: name, line_start: line, column_start: column }: Span,
  { manifest_path: manifest }: CompilerMessage,
  { input, root, boundary }: CargoPlace,
): Promise<Position | undefined> {
  const bases = [join(root, input.workspace), dirname(manifest)];
  const path = withRealPaths(name, boundary);
  const candidates = isAbsolute(path) ? [path] : bases.map(base => join(base, path));
  const file = candidates.find(each => existsSync(each));
  if (file === undefined) return undefined;
  const lineText = (await readIfThere(file))?.split('\n')[line - 1];
  const shown = shownPath(input.root, root, file);
  return { file: shown, line, column, ...(lineText === undefined ? {} : { lineText }) };
}
