import { asList, asNumber, asRecord, asString, recordsIn } from './shape.ts';

/** `images` of a `config.json`: which images may be asked for in other sizes and formats, and in which. */
export interface ImageSettings {
  /** Widths in pixels that may be asked for. */
  readonly sizes: readonly number[];
  /** Host names that images may come from. */
  readonly domains: readonly string[];
  readonly remotePatterns: readonly RemotePattern[];
  /** Paths of this deployment that images may come from; null for all. */
  readonly localPatterns: readonly LocalPattern[] | null;
  /** Qualities that may be asked for; null for 1 to 100. */
  readonly qualities: readonly number[] | null;
  /** Made in addition to the image's own format, for clients that take them; the best first. */
  readonly formats: readonly string[];
  /** Seconds that an image is kept at least. */
  readonly minimumCacheTTL: number;
  readonly dangerouslyAllowSVG: boolean;
  readonly contentSecurityPolicy: string | null;
  readonly contentDispositionType: 'inline' | 'attachment';
}

/** Each part is a regular expression, but for the protocol, the port and the query, which are compared. */
export interface RemotePattern {
  readonly protocol: string | undefined;
  readonly hostname: string;
  readonly port: string | undefined;
  readonly pathname: string | undefined;
  readonly search: string | undefined;
}

export type LocalPattern = Pick<RemotePattern, 'pathname' | 'search'>;

/** Null when the table has no images, and so offers none. */
export function readImages(value: unknown): ImageSettings | null {
  const images = asRecord(value);
  if (!images) return null;
  const numbers = (list: unknown) => asList(list).flatMap(each => asNumber(each) ?? []);
  return {
    sizes: numbers(images.sizes),
    domains: asList(images.domains).flatMap(each => asString(each) ?? []),
    remotePatterns: recordsIn(images.remotePatterns).map(pattern => ({
      protocol: asString(pattern.protocol)?.replace(/:$/, ''),
      hostname: asString(pattern.hostname) ?? '^$',
      port: asString(pattern.port),
      pathname: asString(pattern.pathname),
      search: asString(pattern.search),
    })),
    localPatterns: Array.isArray(images.localPatterns)
      ? recordsIn(images.localPatterns).map(({ pathname, search }) => ({
          pathname: asString(pathname),
          search: asString(search),
        }))
      : null,
    qualities: Array.isArray(images.qualities) ? numbers(images.qualities) : null,
    formats: asList(images.formats).flatMap(each => asString(each) ?? []),
    minimumCacheTTL: asNumber(images.minimumCacheTTL) ?? 60,
    dangerouslyAllowSVG: images.dangerouslyAllowSVG === true,
    contentSecurityPolicy: asString(images.contentSecurityPolicy) ?? null,
    contentDispositionType: images.contentDispositionType === 'inline' ? 'inline' : 'attachment',
  };
}
