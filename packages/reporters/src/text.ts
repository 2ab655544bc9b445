/** Select Graphic Rendition: colours and the like, the only sequences that pass. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const GRAPHIC = /\u001b\[[0-9;:]*m/g;

/**
 * Sequences that make a terminal do something (ECMA-48), complete or cut off: strings up to their terminator (titles,
 * links), control sequences (cursor, erasing), other escapes. Both the 7-bit and the 8-bit forms.
 */
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;

/** Control characters but ESC, and characters that reverse the direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

const RESET = '\u001b[0m';

/**
 * One line of a program's output, made harmless: it cannot move the cursor, erase or set titles. What a progress bar
 * overwrote by returning to the start of the line is left out. Colours stay if wanted, and end with the line.
 */
export function cleanLine(line: string, color: boolean): string {
  const visible = line.replace(/[\r\n]+$/, '');
  const last = visible.slice(visible.lastIndexOf('\r') + 1).replaceAll('\t', '    ');
  let hasColor = false;
  // Every ESC is the start of a sequence, if only of itself: those that are left belong to colours.
  const clean = last.replace(SEQUENCE, sequence => {
    if (!color || sequence.replace(GRAPHIC, '') !== '') return '';
    hasColor = true;
    return sequence;
  });
  const harmless = clean.replace(CONTROL, '');
  return hasColor ? harmless + RESET : harmless;
}

/** The same for a text of several lines. */
export function cleanLines(text: string, color: boolean): string[] {
  return text.split(/\r?\n/).map(line => cleanLine(line, color));
}

/** How many columns a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replace(GRAPHIC, '')) width += widthOfCharacter(character);
  return width;
}

/** Code points that take two columns: East Asian Wide and Fullwidth (Unicode Standard Annex 11), in ascending ranges. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

function widthOfCharacter(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/^[\p{Mark}\p{Format}]$/u.test(character)) return 0;
  if (WIDE.some(([first, last]) => code >= first && code <= last)) return 2;
  return /^\p{Emoji_Presentation}$/u.test(character) ? 2 : 1;
}

/** Cuts a text to a number of columns, the last of them an ellipsis. Colours do not count, and end where it is cut. */
export function truncate(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let width = 0;
  let colored = false;
  // Splitting at a captured group keeps the sequences, as every second part.
  for (const [index, part] of text.split(new RegExp(`(${GRAPHIC.source})`)).entries()) {
    if (index % 2 === 1) {
      kept += part;
      colored = true;
      continue;
    }
    for (const character of part) {
      width += widthOfCharacter(character);
      if (width > columns - 1) return `${kept}…${colored ? RESET : ''}`;
      kept += character;
    }
  }
  return kept;
}

/** Fills up with spaces, or cuts, to a number of columns. */
export function fit(text: string, columns: number): string {
  const cut = truncate(text, columns);
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)));
}
