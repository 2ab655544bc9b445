const SERVICES = 'services/';

/** The service to which a file of a deployment belongs; undefined for what belongs to none. */
export function serviceOf(path: string): string | undefined {
  if (!path.startsWith(SERVICES)) return undefined;
  const end = path.indexOf('/', SERVICES.length);
  return path.slice(SERVICES.length, end === -1 ? undefined : end);
}
