import type { FileEntry } from './deployment.ts';
import { followLinks, isAbsolute } from './links.ts';

/** Longest path and longest segment, in bytes: what common file systems hold, below a target of some length. */
const LONGEST_PATH = 2048;
const LONGEST_SEGMENT = 255;
const DEEPEST = 100;

/**
 * Why a path must not be written on any machine, whatever its system: absolute or climbing in POSIX or Windows form,
 * unprintable, or too long. Undefined when nothing speaks against it.
 */
export function nameProblem(path: string): string | undefined {
  if (path === '') return 'its name is empty';
  const character = characterProblem(path, 'name');
  if (character) return character;
  if (isAbsolute(path)) return 'its name is absolute';
  if (path.includes('\\')) return 'its name holds a backslash, which some systems read as a separator';
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '') return 'its name has an empty segment';
    // Windows drops dots and spaces at the end of a name, so `.. ` is `..` there.
    if (/^[. ]+$/.test(segment)) return `its name has the segment "${segment}"`;
    if (Buffer.byteLength(segment) > LONGEST_SEGMENT) {
      return `its name has a segment longer than ${LONGEST_SEGMENT} bytes`;
    }
  }
  // Characters that become dots or slashes when a system or a tool normalises names, such as U+2025.
  if (path.normalize('NFKC').split(/[/\\]/).includes('..'))
    return 'its name climbs once its characters are normalised';
  if (segments.length > DEEPEST) return `it lies more than ${DEEPEST} folders deep`;
  if (Buffer.byteLength(path) > LONGEST_PATH) return `its name is longer than ${LONGEST_PATH} bytes`;
  return undefined;
}

/** The same for the target of a link, as far as can be told without knowing the other links. */
export function linkTargetProblem(target: string): string | undefined {
  if (target === '') return 'its link target is empty';
  const character = characterProblem(target, 'link target');
  if (character) return character;
  if (isAbsolute(target)) return `it is a link to the absolute path ${target}`;
  if (target.includes('\\'))
    return 'its link target holds a backslash, which some systems read as a separator';
  if (Buffer.byteLength(target) > LONGEST_PATH) return `its link target is longer than ${LONGEST_PATH} bytes`;
  return undefined;
}

function characterProblem(text: string, what: string): string | undefined {
  if (text.includes('\0')) return `its ${what} holds a NUL`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x01-\x1f\x7f]/.test(text)) return `its ${what} holds a control character`;
  if (text.includes('\uFFFD') || Buffer.from(text).toString() !== text)
    return `its ${what} is not valid UTF-8`;
  return undefined;
}

/**
 * The first thing in a list of files that could not be written safely, or not on every machine: a bad name, a name below
 * something that is no folder, two names that are one on some systems, a link that leaves the tree.
 */
export function unsafeEntry(
  files: Readonly<Record<string, FileEntry>>,
  reserved: string,
): { readonly path: string; readonly problem: string } | undefined {
  const entries = Object.entries(files);
  const links = new Map(entries.flatMap(([path, entry]) => ('link' in entry ? [[path, entry.link]] : [])));
  const known = new Map<string, string>([[folded(reserved), reserved]]);
  const folders = new Set<string>();
  for (const [path, entry] of entries) {
    const problem = nameProblem(path) ?? twinProblem(path, known, folders) ?? linkProblem(path, entry, links);
    if (problem) return { path, problem };
  }
  const inTheWay = entries.find(([path]) => folders.has(path));
  return inTheWay && { path: inTheWay[0], problem: 'other entries lie below it, but it is not a folder' };
}

/** Registers a path and the folders above it by their folded names. */
function twinProblem(path: string, known: Map<string, string>, folders: Set<string>): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const part = path.slice(0, end);
    if (end < path.length) {
      if (folders.has(part)) return undefined; // and so are the folders above it
      folders.add(part);
    }
    const key = folded(part);
    const other = known.get(key);
    if (other !== undefined && (other !== part || end === path.length)) {
      return other === part
        ? 'it is there twice'
        : `its name differs from ${other} only in case or in the form of its characters`;
    }
    known.set(key, part);
  }
  return undefined;
}

/** What file systems that ignore case and normalise Unicode make of a name. Upper case first: it unites ß with ss. */
function folded(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function linkProblem(path: string, entry: FileEntry, links: ReadonlyMap<string, string>): string | undefined {
  if (!('link' in entry)) return undefined;
  const problem = linkTargetProblem(entry.link);
  if (problem) return problem;
  switch (followLinks(path, links).kind) {
    case 'inside':
      return undefined;
    case 'outside':
      return `it is a link that leads out of the deployment (${entry.link})`;
    case 'circle':
      return `it is a link that leads in a circle (${entry.link})`;
  }
}
