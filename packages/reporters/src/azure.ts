import type { LogDialect } from './grouped.ts';
import { cleanLine, cleanLines } from './text.ts';

/** Azure Pipelines: https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands */
export const azure: LogDialect = {
  open: title => `##[group]${cleanLine(title, false)}`,
  close: () => '##[endgroup]',
  annotate(level, { position, message, service, code }) {
    const properties = [
      ['type', level],
      ...(position
        ? [
            ['sourcepath', position.file],
            ['linenumber', position.line],
            ['columnnumber', position.column],
          ]
        : []),
      ['code', code],
    ].map(([name, value]) => `${name}=${property(String(value))};`);
    const text =
      service === undefined || message.includes(`"${service}"`) ? message : `${service}: ${message}`;
    return `##vso[task.logissue ${properties.join('')}]${data(cleanLines(text, false).join('\n'))}`;
  },
  // Commands are looked for anywhere in a line.
  neutral: line => line.replaceAll('##[', '## [').replace(/##vso\[/gi, '## vso['),
};

function data(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(';', '%3B').replaceAll(']', '%5D');
}
