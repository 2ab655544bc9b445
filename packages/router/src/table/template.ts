import type { Groups, Pattern } from '../pattern/pattern.ts';
import { encodedComponent } from '../query.ts';

/** Values for the `$names` of one match. */
export interface Bindings {
  readonly groups: Groups;
  readonly pattern: Pattern;
  /** What conditions captured, decoded; they win over groups of the source. */
  readonly captured: Readonly<Record<string, string>> | undefined;
  readonly wildcard: string;
  /** The variables that the rule lists in `env`, with their values. */
  readonly env: Readonly<Record<string, string>> | undefined;
}

/** Text with places to fill: `/blog/$slug?page=$1`. */
export type Template = readonly (string | Hole)[];

interface Hole {
  readonly name: string;
  /** As written, with its dollar sign. */
  readonly text: string;
  readonly position: 'path' | 'query';
}

/** How a filled-in value has to be written where it goes. */
export type Encoding = 'url' | 'plain';

export function templateOf(text: string): Template {
  const parts: (string | Hole)[] = [];
  let end = 0;
  let position: Hole['position'] = 'path';
  for (const match of text.matchAll(/\$(?:(\d+)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g)) {
    const before = text.slice(end, match.index);
    if (before !== '') parts.push(before);
    if (before.includes('?')) position = 'query';
    parts.push({ name: match[1] ?? match[2] ?? match[3] ?? '', text: match[0], position });
    end = match.index + match[0].length;
  }
  const tail = text.slice(end);
  if (tail !== '' || parts.length === 0) parts.push(tail);
  return parts;
}

/**
 * Fills a template. Groups of the source hold what the request had, percent-encoding included, and go in as they are;
 * what conditions captured was decoded and is encoded again where a URL is made. A name that stands for nothing leaves
 * nothing, or itself when `keepUnknown` is set, as in arguments of transforms (section 6.4 of the services reference).
 */
export function fill(
  template: Template,
  bindings: Bindings,
  encoding: Encoding,
  keepUnknown = false,
): string {
  let filled = '';
  for (const part of template) {
    if (typeof part === 'string') filled += part;
    else filled += valueFor(part, bindings, encoding) ?? (keepUnknown ? part.text : '');
  }
  return filled;
}

function valueFor(hole: Hole, bindings: Bindings, encoding: Encoding): string | undefined {
  const { captured, groups, pattern, env } = bindings;
  if (captured && Object.hasOwn(captured, hole.name)) {
    const value = captured[hole.name] ?? '';
    return encoding === 'url' ? urlEncoded(value, hole.position) : value;
  }
  if (hole.text.startsWith('${')) return env?.[hole.name];
  if (hole.name === 'wildcard') return bindings.wildcard;
  const numbers = pattern.names.get(hole.name);
  if (numbers) return numbers.map(number => groups[number]).find(group => group !== undefined) ?? '';
  if (/^\d/.test(hole.name)) return numbered(hole.name, groups);
  return env?.[hole.name];
}

/** `$12` is group 12 where there are that many, else group 1 and a 2. */
function numbered(digits: string, groups: Groups): string | undefined {
  for (let length = digits.length; length > 0; length -= 1) {
    const group = Number(digits.slice(0, length));
    if (group < groups.length) return (groups[group] ?? '') + digits.slice(length);
  }
  return undefined;
}

function urlEncoded(value: string, position: Hole['position']): string {
  const encoded = encodedComponent(value);
  return position === 'path' ? encoded.replaceAll('%2F', '/') : encoded;
}
