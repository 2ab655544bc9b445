/** Sent by clients to the platform on purpose: the protection's bypass, the toolbar; and by its webhooks. */
const PUBLIC: ReadonlySet<string> = new Set([
  'x-vercel-signature',
  'x-vercel-protection-bypass',
  'x-vercel-set-bypass-cookie',
  'x-vercel-skip-toolbar',
]);

const FORWARDED: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
]);

/**
 * Whether code takes a request header as said by the platform: who the client is, how the request was routed, that it is an
 * internal one. From outside it is forged, and removed.
 */
export function isInternal(name: string): boolean {
  if (name.charCodeAt(0) === 102) return name === 'forwarded';
  if (name.charCodeAt(0) !== 120 || name.charCodeAt(1) !== 45) return false;
  if (FORWARDED.has(name)) return true;
  if (name.startsWith('x-vercel-')) return !PUBLIC.has(name);
  return (
    name === 'x-matched-path' ||
    name.startsWith('x-now-') ||
    name.startsWith('x-middleware-') ||
    name.startsWith('x-invoke-')
  );
}
