import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readBody } from '../proxy/call.ts';
import { lookupPublic, refusePrivateHost } from './private-addresses.ts';
import { ImageProblem, LARGEST_SOURCE, type SourceImage } from './source-image.ts';

/** Milliseconds for all of it, redirects included. */
const TIMEOUT = 10_000;
const MOST_REDIRECTS = 3;

/**
 * An image of another site.
 *
 * @param mayBePrivate whether the first host may be one of a private network: the settings name it. Where it redirects to
 * may not.
 * @throws ImageProblem
 */
export async function fetchRemote(url: URL, mayBePrivate: boolean): Promise<SourceImage> {
  const signal = AbortSignal.timeout(TIMEOUT);
  let target = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const answer = await get(target, mayBePrivate && hop === 0, signal).catch(error => {
      const cause = error instanceof Error ? error.message || error.name : String(error);
      throw new ImageProblem(signal.aborted ? 504 : 502, `the image ${url} cannot be had: ${cause}`);
    });
    const { statusCode = 502, headers } = answer;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      answer.destroy();
      target = new URL(headers.location, target);
      if (!/^https?:$/.test(target.protocol)) break;
      continue;
    }
    if (statusCode !== 200) {
      answer.destroy();
      throw new ImageProblem(statusCode === 404 ? 404 : 502, `${url} answered with ${statusCode}`);
    }
    const body = await readBody(answer, LARGEST_SOURCE);
    if (body === null) throw new ImageProblem(413, `the image ${url} is larger than 50 MB`);
    return { body, type: headers['content-type'] ?? '', cacheControl: headers['cache-control'] };
  }
  throw new ImageProblem(508, `${url} redirects too often`);
}

function get(url: URL, mayBePrivate: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (!mayBePrivate) refusePrivateHost(url.hostname);
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = send(url, {
      headers: { accept: 'image/*' },
      agent: false,
      signal,
      ...(mayBePrivate ? {} : { lookup: lookupPublic }),
    });
    outgoing.once('response', resolve).once('error', reject).end();
  });
}
