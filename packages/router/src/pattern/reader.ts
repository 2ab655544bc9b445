import { Unsupported } from './syntax.ts';

export interface Reader {
  readonly text: string;
  at: number;
}

export function rest(reader: Reader): string {
  return reader.text.slice(reader.at);
}

export function take(reader: Reader): string {
  const character = reader.text[reader.at];
  if (character === undefined) throw new Unsupported('ends in the middle');
  reader.at += 1;
  return character;
}

export function accept(reader: Reader, text: string): boolean {
  if (!reader.text.startsWith(text, reader.at)) return false;
  reader.at += text.length;
  return true;
}
