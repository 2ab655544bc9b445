import type { Incoming } from '../incoming.ts';
import type { Locale } from '../table/rule.ts';

/**
 * Where the visitor's language leads: the cookie first, then what the browser accepts, most wanted first; `de-AT` falls
 * back to `de`. Undefined for a visitor who is there already or whose languages the site does not have.
 */
export function localeRedirect(locale: Locale, path: string, request: Incoming): string | undefined {
  const chosen = locale.cookie === undefined ? [] : request.cookie(locale.cookie);
  const accepted = acceptedLanguages(request.header('accept-language')[0] ?? '');
  for (const language of [...chosen, ...accepted]) {
    const page = pageFor(language.toLowerCase(), locale);
    if (page !== undefined) return page === path ? undefined : page;
  }
  return undefined;
}

function pageFor(language: string, { redirect }: Locale): string | undefined {
  for (let tag = language; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    if (Object.hasOwn(redirect, tag)) return redirect[tag];
  }
  return undefined;
}

/** `de;q=0.5, fr` is fr, then de. */
function acceptedLanguages(header: string): readonly string[] {
  return header
    .split(',')
    .map((item, order) => {
      const [tag = '', ...parameters] = item.split(';').map(text => text.trim());
      const quality = parameters.find(text => text.startsWith('q='))?.slice(2);
      const weight = quality === undefined ? 1 : Number(quality);
      return { tag, weight: Number.isFinite(weight) ? weight : 0, order };
    })
    .filter(({ tag, weight }) => tag !== '' && tag !== '*' && weight > 0)
    .sort((a, b) => b.weight - a.weight || a.order - b.order)
    .map(({ tag }) => tag);
}
