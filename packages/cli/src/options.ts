import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Failure, failed, ok, type Result } from '@svc/contracts';
import { nearestName } from './nearest-name.ts';

type OptionTable = NonNullable<ParseArgsConfig['options']>;

export interface Words<Values> {
  readonly values: Values;
  readonly positionals: readonly string[];
}

/** Reads a command's words; a word that is not understood is a usage failure with a suggestion. */
export function readOptions<const Table extends OptionTable>(
  command: string,
  args: readonly string[],
  options: Table,
  mostPositionals: number,
): Result<Words<ReturnType<typeof parseArgs<{ options: Table }>>['values']>> {
  const known = Object.keys(options);
  const words = [...args];
  const { tokens } = parseArgs({ args: words, options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!known.includes(token.name)) return failed(unknownOption(command, token.rawName, known));
    const takesValue = options[token.name]?.type === 'string';
    if (takesValue && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))) {
      return failed(usage('bad-option-value', `--${token.name} needs a value`, command));
    }
    if (!takesValue && token.value !== undefined) {
      return failed(usage('bad-option-value', `--${token.name} takes no value`, command));
    }
  }
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true, strict: true });
  const extra = positionals[mostPositionals];
  if (extra !== undefined)
    return failed(usage('unexpected-argument', `"${extra}" is one argument too many`, command));
  return ok({ values: values as ReturnType<typeof parseArgs<{ options: Table }>>['values'], positionals });
}

function unknownOption(command: string, rawName: string, known: readonly string[]): Failure {
  const near = nearestName(rawName.replace(/^-+/, ''), known);
  const failure = usage('unknown-option', `svc ${command} has no option ${rawName}`, command);
  return near ? { ...failure, help: `Did you mean --${near}?` } : failure;
}

export function usage(code: Failure['code'], message: string, command: string): Failure {
  return { code, message, help: `svc ${command} --help tells what it takes.` };
}
