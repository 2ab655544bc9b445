/** Headers about one connection and not about the message (RFC 9110, section 7.6.1); lower case. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name);
}

const NOTHING: ReadonlySet<string> = new Set();

/** Further headers that a `connection` header declares to be about the connection; lower case. */
export function namedByConnection(connection: string | undefined): ReadonlySet<string> {
  // Nearly every request has one of these, which name nothing that is not in the list anyhow.
  if (connection === undefined || /^(?:keep-alive|close|upgrade)$/i.test(connection)) return NOTHING;
  return new Set(connection.split(',').map(name => name.trim().toLowerCase()));
}
