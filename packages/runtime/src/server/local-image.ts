import type { Decision } from '@svc/router';
import { requestHeaderList } from '../http/request-headers.ts';
import { fetchRemote } from '../images/remote-source.ts';
import { ImageProblem, LARGEST_SOURCE, type SourceImage } from '../images/source-image.ts';
import { readBody } from '../proxy/call.ts';
import { askFunction } from './ask-function.ts';
import { FunctionProblem } from './function-problem.ts';
import { headersForNext } from './headers-for-next.ts';
import type { Site } from './site.ts';
import type { Visit } from './visit.ts';

/** An image of this deployment, found by its own tables: a file, or what a function answers. @throws ImageProblem */
export async function localImage(site: Site, visit: Visit, target: string): Promise<SourceImage> {
  const { origin, caller, request } = visit;
  const asked = { method: 'GET', target, headers: {}, host: origin.host };
  const decision =
    caller === null || visit.service === null
      ? site.router.decide(asked)
      : site.router.decideWithin(visit.service, asked);
  return follow(site, visit, decision, `${request.method} ${target}`, 0);
}

async function follow(
  site: Site,
  visit: Visit,
  decision: Decision,
  shown: string,
  passed: number,
): Promise<SourceImage> {
  switch (decision.type) {
    case 'static': {
      const { outputs } = site.tree(decision.service);
      const file = await site.files.get(outputs.files.get(decision.file) ?? '');
      const body = file.content ?? (file.size > LARGEST_SOURCE ? null : await site.files.read(file.file));
      if (body === null) throw new ImageProblem(413, 'the image is larger than 50 MB');
      return { body, type: decision.contentType ?? '', cacheControl: undefined };
    }
    case 'function':
      return fromFunction(site, visit, decision);
    case 'proxy':
      // Where the deployment's own tables lead may be anywhere that they say.
      return fetchRemote(new URL(decision.url), true);
    case 'middleware':
      // Images are made for everybody, so nobody's middleware is asked.
      if (passed < 8) return follow(site, visit, decision.resume({}), shown, passed + 1);
      break;
    default:
      break;
  }
  const status = 'status' in decision ? decision.status : 404;
  throw new ImageProblem(status === 404 ? 404 : 400, `"url" parameter is valid but ${shown} gives ${status}`);
}

async function fromFunction(
  site: Site,
  visit: Visit,
  decision: Extract<Decision, { type: 'function' }>,
): Promise<SourceImage> {
  const fn = site.tree(decision.service).outputs.functions.get(decision.name);
  if (!fn) throw new ImageProblem(404, '"url" parameter is valid but there is no such image');
  const kept = /^(?:host|x-forwarded-.*|x-vercel-id)$/i;
  const headers = requestHeaderList(visit.request, visit.origin, decision.requestHeaders).filter(([name]) =>
    kept.test(name),
  );
  const question = {
    method: 'GET',
    target: decision.target,
    headers: [...headers, ...headersForNext(decision)],
  };
  try {
    return await askFunction(site, fn, question, async answer => {
      const body = await readBody(answer.body, LARGEST_SOURCE);
      if (answer.status !== 200 || body === null) {
        throw new ImageProblem(
          answer.status === 404 ? 404 : 400,
          `"url" parameter is valid but gives ${answer.status}`,
        );
      }
      const said = (wanted: string) => answer.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
      return { body, type: said('content-type') ?? '', cacheControl: said('cache-control') };
    });
  } catch (error) {
    if (error instanceof FunctionProblem)
      throw new ImageProblem(error.status, 'the function of the image failed');
    throw error;
  }
}
