import { createHash } from 'node:crypto';
import type { Decision } from '@svc/router';
import { finishHeaders } from '@svc/router';
import type { ImageSettings } from '../deployment/images.ts';
import { asNodeHeaders, withId } from '../http/header-list.ts';
import { answerPlainly } from '../http/plain-answer.ts';
import { type ImageRequest, readImageRequest } from '../images/image-request.ts';
import { imageTypeOf, isAnimated } from '../images/image-type.ts';
import { fetchRemote } from '../images/remote-source.ts';
import { ImageProblem, type SourceImage } from '../images/source-image.ts';
import { freshnessOf, type KeptPage } from '../prerender/kept-page.ts';
import { isUnmodified } from '../static/conditions.ts';
import { localImage } from './local-image.ts';
import { FOR_VISITORS } from './send-page.ts';
import type { Site } from './site.ts';
import type { Visit } from './visit.ts';

/** Kinds of images that can be made smaller; others are served as they are. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/tiff',
]);

/** Answers `/_vercel/image?url&w&q` as the platform does. */
export async function answerWithImage(
  site: Site,
  visit: Visit,
  decision: Decision,
  settings: ImageSettings,
): Promise<void> {
  const { request, target } = visit;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(visit, decision, 405, 'images can only be read', [['allow', 'GET, HEAD']]);
  }
  const asked = readImageRequest(target.split('?')[1] ?? '', settings);
  if (typeof asked === 'string') return refuse(visit, decision, 400, asked);
  const wanted = settings.formats.find(type => accepts(request.headers.accept, type)) ?? null;
  try {
    const { page, isHit } = await image(site, visit, decision, settings, asked, wanted);
    sendImage(visit, decision, settings, page, { isHit, name: nameOf(asked) });
  } catch (error) {
    if (!(error instanceof ImageProblem)) throw error;
    refuse(visit, decision, error.status, error.message);
  }
}

async function image(
  site: Site,
  visit: Visit,
  decision: Decision,
  settings: ImageSettings,
  asked: ImageRequest,
  wanted: string | null,
): Promise<{ readonly page: KeptPage; readonly isHit: boolean }> {
  const { source, width, quality } = asked;
  const address = source.type === 'local' ? source.target : source.url.href;
  const key = `${decision.service ?? ''}\0image\0${width}\0${quality}\0${wanted}\0${address}`;
  const kept = await site.images.get(key);
  if (kept && freshnessOf(kept, site.pages.now()) === 'fresh') return { page: kept, isHit: true };
  const page = await site.images.once(key, async () => {
    const original =
      source.type === 'local'
        ? await localImage(site, visit, source.target)
        : await fetchRemote(source.url, source.isNamed);
    const made = await changed(site, settings, original, asked, wanted);
    await site.images.put(key, made);
    return made;
  });
  return { page, isHit: false };
}

async function changed(
  site: Site,
  settings: ImageSettings,
  original: SourceImage,
  { width, quality }: ImageRequest,
  wanted: string | null,
): Promise<KeptPage> {
  const type = imageTypeOf(original.body);
  if (type === undefined) {
    throw new ImageProblem(400, '"url" parameter is valid but the response is not an image');
  }
  if (type === 'image/svg+xml' && !settings.dangerouslyAllowSVG) {
    throw new ImageProblem(400, '"url" parameter is valid but image/svg+xml is not allowed');
  }
  const canChange = CHANGEABLE.has(type) && !isAnimated(original.body, type);
  const transform = canChange ? site.transform() : null;
  const target = wanted ?? (type === 'image/tiff' || type === 'image/avif' ? 'image/jpeg' : type);
  const result = transform
    ? await transform(original.body, { width, quality, type: target }).catch(error => {
        const cause = error instanceof Error ? error.message : String(error);
        throw new ImageProblem(400, `"url" parameter is valid but the image cannot be read: ${cause}`);
      })
    : { body: original.body, type };
  const seconds = Number(/(?:s-maxage|max-age)=(\d+)/.exec(original.cacheControl ?? '')?.[1] ?? 0);
  return {
    status: 200,
    headers: [['content-type', result.type]],
    body: result.body,
    etag: `"${createHash('sha256').update(result.body).digest('base64url').slice(0, 27)}"`,
    begunAt: site.pages.now(),
    madeAt: site.pages.now(),
    isBuilt: false,
    freshFor: Math.max(settings.minimumCacheTTL, seconds),
    usableFor: null,
    tags: [],
  };
}

function sendImage(
  visit: Visit,
  decision: Decision,
  settings: ImageSettings,
  page: KeptPage,
  { isHit, name }: { readonly isHit: boolean; readonly name: string },
): void {
  const { request, response, origin } = visit;
  const type = page.headers[0]?.[1] ?? '';
  const extension = type.split('/')[1]?.replace('svg+xml', 'svg').replace('x-icon', 'ico') ?? 'bin';
  const isKnown = isUnmodified(request.headers['if-none-match'], page.etag);
  const own: [string, string][] = [
    ['cache-control', FOR_VISITORS],
    ['content-disposition', `${settings.contentDispositionType}; filename="${name}.${extension}"`],
    ['content-type', type],
    ['etag', page.etag],
    ['vary', 'accept'],
    ['x-content-type-options', 'nosniff'],
    ['x-vercel-cache', isHit ? 'HIT' : 'MISS'],
  ];
  if (settings.contentSecurityPolicy !== null) {
    own.push(['content-security-policy', settings.contentSecurityPolicy]);
  }
  if (!isKnown) own.push(['content-length', String(page.body.length)]);
  // What the tables add for error pages is not meant for this.
  const rules = {
    ...decision.response,
    headers: decision.response.headers.filter(({ name }) => !/^x-next-error/.test(name)),
  };
  response.writeHead(isKnown ? 304 : 200, asNodeHeaders(withId(finishHeaders(rules, own), origin.id)));
  if (isKnown || request.method === 'HEAD') {
    response.end();
    return;
  }
  response.end(page.body);
  visit.bytes = page.body.length;
}

function refuse(
  visit: Visit,
  { response: rules }: Decision,
  status: number,
  explanation: string,
  headers: [string, string][] = [],
): void {
  const { request, response, origin } = visit;
  const code = status === 400 ? { code: 'INVALID_IMAGE_OPTIMIZE_REQUEST' } : {};
  const plain = { status, rules, id: origin.id, explanation, headers, ...code };
  visit.bytes = answerPlainly(request, response, plain);
}

/** Only a format that the client names is sent: those that merely take anything may not know it. */
function accepts(header: string | undefined, type: string): boolean {
  return (header ?? '').split(',').some(part => part.split(';')[0]?.trim().toLowerCase() === type);
}

function nameOf({ source }: ImageRequest): string {
  const path = source.type === 'local' ? source.target : source.url.pathname;
  const last = path.split('?')[0]?.split('/').at(-1) ?? '';
  return last.replace(/\.[^.]*$/, '').replace(/[^\w.-]/g, '_') || 'image';
}
