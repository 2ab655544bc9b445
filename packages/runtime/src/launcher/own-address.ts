/**
 * Next.js asks its own site by `https://` and the visitor's `Host` to have a page made anew (`res.revalidate`), since the
 * platform is always reached by TLS. svc on this machine is not, so what is meant for it goes there plainly.
 *
 * @param hosts as they stand in URLs, with the port.
 */
export function reachOwnAddress(hosts: readonly string[]): void {
  if (hosts.length === 0) return;
  const own = new Set(hosts);
  const fetchAny = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    if (typeof input !== 'string' && !(input instanceof URL)) return fetchAny(input, init);
    const [, host, rest] = /^https:\/\/([^/?#]+)(.*)$/.exec(String(input)) ?? [];
    return fetchAny(host !== undefined && own.has(host) ? `http://${host}${rest}` : input, init);
  };
}
