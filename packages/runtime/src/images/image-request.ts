import type { ImageSettings, RemotePattern } from '../deployment/images.ts';

/** An image in another size, as it was asked for and may be had. */
export interface ImageRequest {
  readonly source: LocalSource | RemoteSource;
  /** Pixels. */
  readonly width: number;
  /** 1 to 100. */
  readonly quality: number;
}

export interface LocalSource {
  readonly type: 'local';
  /** Path and query in this deployment. */
  readonly target: string;
}

export interface RemoteSource {
  readonly type: 'remote';
  readonly url: URL;
  /** The settings name this very host, so that it may be a private one. */
  readonly isNamed: boolean;
}

/** Paths by which images are asked for: the platform's, and the one that Next.js writes into its pages. */
const IMAGE_PATH = /^(?:\/.*)?\/_(?:vercel|next)\/image\/?$/;

export function isImagePath(path: string): boolean {
  return IMAGE_PATH.test(path);
}

/** What a query asks for; a sentence that says what is wrong with it, when it may not be asked for. */
export function readImageRequest(query: string, settings: ImageSettings): ImageRequest | string {
  const parameters = new URLSearchParams(query);
  for (const name of ['url', 'w', 'q']) {
    const [value, another] = parameters.getAll(name);
    if (value === undefined || value === '') return `"${name}" parameter is required`;
    if (another !== undefined) return `"${name}" parameter cannot be given twice`;
  }
  const width = wholeNumber(parameters.get('w'));
  const quality = wholeNumber(parameters.get('q'));
  if (width === null || width === 0) return '"w" parameter (width) must be an integer greater than 0';
  if (!settings.sizes.includes(width)) return `"w" parameter (width) of ${width} is not allowed`;
  if (quality === null || quality < 1 || quality > 100) {
    return '"q" parameter (quality) must be an integer between 1 and 100';
  }
  if (settings.qualities && !settings.qualities.includes(quality)) {
    return `"q" parameter (quality) of ${quality} is not allowed`;
  }
  const source = sourceOf(parameters.get('url') ?? '', settings);
  return typeof source === 'string' ? source : { source, width, quality };
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,5}$/.test(text) ? Number(text) : null;
}

function sourceOf(address: string, settings: ImageSettings): LocalSource | RemoteSource | string {
  if (address.length > 3072) return '"url" parameter is too long';
  if (/^\/[/\\]/.test(address)) return '"url" parameter cannot be a protocol-relative URL (//)';
  if (address.startsWith('/')) return localSource(address, settings);
  if (!URL.canParse(address)) return '"url" parameter is invalid';
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return '"url" parameter is invalid';
  if (url.username !== '' || url.password !== '') return '"url" parameter is invalid';
  const isDomain = settings.domains.includes(url.hostname);
  const pattern = settings.remotePatterns.find(each => fits(each, url));
  if (!isDomain && !pattern) return '"url" parameter is not allowed';
  const isNamed = isDomain || (pattern !== undefined && isLiteral(pattern.hostname, url.hostname));
  return { type: 'remote', url, isNamed };
}

function localSource(address: string, { localPatterns }: ImageSettings): LocalSource | string {
  const { pathname, search } = new URL(address, 'http://localhost');
  if (isImagePath(pathname)) return '"url" parameter cannot be recursive';
  const isAllowed =
    localPatterns === null ||
    localPatterns.some(pattern => {
      return matches(pattern.pathname, pathname) && (pattern.search ?? search) === search;
    });
  return isAllowed ? { type: 'local', target: pathname + search } : '"url" parameter is not allowed';
}

function fits({ protocol, hostname, port, pathname, search }: RemotePattern, url: URL): boolean {
  return (
    (protocol === undefined || `${protocol}:` === url.protocol) &&
    (port === undefined || port === url.port) &&
    matches(hostname, url.hostname) &&
    matches(pathname, url.pathname) &&
    (search === undefined || search === url.search)
  );
}

/** Builders write regular expressions here; some write them without the anchors that are meant. */
function matches(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || new RegExp(`^(?:${pattern})$`).test(text);
}

/** Whether an expression is just a host name, and not a class of them. */
function isLiteral(pattern: string, hostname: string): boolean {
  const inner = pattern.replace(/^(?:\^|\(\?:)+/, '').replace(/(?:\$|\))+$/, '');
  return inner.replace(/\\([^\w])/g, '$1') === hostname;
}
