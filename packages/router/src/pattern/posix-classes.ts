import { BLANK, type CharSet, characters, DIGIT, WORD } from '@svc/char-sets';

/** What stands between `[:` and `:]` in a PCRE class. */
export const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: characters('09AZaz'),
  alpha: characters('AZaz'),
  blank: BLANK,
  cntrl: characters('\u0000\u001f\u007f\u007f'),
  digit: DIGIT,
  graph: characters('!~'),
  lower: characters('az'),
  print: characters(' ~'),
  punct: characters('!/:@[`{~'),
  space: characters('\t\r  '),
  upper: characters('AZ'),
  word: WORD,
  xdigit: characters('09AFaf'),
};
