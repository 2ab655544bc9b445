import { finishHeaders, type ResponseRules } from '@svc/router';
import type { HeaderList } from './header-list.ts';
import { isHopByHop, namedByConnection } from './hop-by-hop.ts';

/** What code answered with, as it goes to the client: without what was about its own connection, with what the tables add. */
export function responseHeaders(
  own: HeaderList,
  rules: ResponseRules,
  id: string,
  { allowsTrailers }: { readonly allowsTrailers: boolean },
): HeaderList {
  // Trailers follow the chunks of a body, and nothing else.
  const mayTrail = allowsTrailers && own.some(([name]) => name.toLowerCase() === 'transfer-encoding');
  const named = namedByConnection(own.find(([name]) => name.toLowerCase() === 'connection')?.[1]);
  const kept = own.filter(([name]) => {
    const key = name.toLowerCase();
    if (key === 'trailer') return mayTrail;
    return !isHopByHop(key) && !named.has(key) && key !== 'x-vercel-id';
  });
  const isUnchanged = rules.headers.length === 0 && rules.transforms.length === 0;
  return [...(isUnchanged ? kept : finishHeaders(rules, kept)), ['x-vercel-id', id]];
}
