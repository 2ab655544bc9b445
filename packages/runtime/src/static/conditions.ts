/**
 * Whether a request with `If-None-Match` is answered with 304 (RFC 9110, section 13.1.2): weak comparison, since nobody
 * combines parts here.
 */
export function isUnmodified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || listed(ifNoneMatch).some(tag => opaque(tag) === opaque(etag));
}

/** Whether `If-Match` forbids the answer, which makes it a 412 (RFC 9110, section 13.1.1): strong comparison. */
export function isRefused(ifMatch: string | undefined, etag: string): boolean {
  if (ifMatch === undefined || ifMatch.trim() === '*') return false;
  return !listed(ifMatch).some(tag => tag === etag && !tag.startsWith('W/'));
}

/** Whether a range may be answered: `If-Range` names this very content (RFC 9110, section 13.1.5). A date never does. */
export function allowsRange(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || (ifRange.trim() === etag && !etag.startsWith('W/'));
}

function listed(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}
