import type { LogDialect } from './grouped.ts';
import { cleanLine, cleanLines } from './text.ts';

/** GitHub Actions: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
export const github: LogDialect = {
  open: title => `::group::${data(cleanLine(title, false))}`,
  close: () => '::endgroup::',
  annotate(level, { position, message, help, service, code }) {
    const text = help === undefined ? message : `${message}\n${help}`;
    const title = service === undefined ? code : `${service}: ${code}`;
    const properties = [
      ...(position
        ? [
            ['file', position.file],
            ['line', position.line],
            ['col', position.column],
          ]
        : []),
      ['title', title],
    ].map(([name, value]) => `${name}=${property(String(value))}`);
    return `::${level} ${properties.join(',')}::${data(cleanLines(text, false).join('\n'))}`;
  },
  // Commands are looked for after leading spaces; those of the old form anywhere in a line.
  neutral: line => line.replace(LEADING_COMMAND, '$1: :').replaceAll('##[', '## ['),
};

/** Colours before it do not hide a command from the runner's later versions, so they are skipped too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const LEADING_COMMAND = /^((?:\s|\u001b\[[0-9;:]*m)*)::/;

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
