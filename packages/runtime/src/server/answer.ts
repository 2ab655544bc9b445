import { never } from '@svc/contracts';
import type { Decision, ErrorDecision, ResponseRules } from '@svc/router';
import type { ImageSettings } from '../deployment/images.ts';
import { answerPlainly, type PlainAnswer } from '../http/plain-answer.ts';
import { isImagePath } from '../images/image-request.ts';
import { forwardOutside } from '../proxy/external.ts';
import { serveFile } from '../static/serve-file.ts';
import { answerWithImage } from './image.ts';
import { invoke } from './invoke.ts';
import { runMiddleware } from './middleware.ts';
import type { Problem, Site } from './site.ts';
import { switchProtocol } from './switch-protocol.ts';
import type { Visit } from './visit.ts';

/** Does what the router has decided. Resolves when the answer is on its way or the client has left. */
export async function answer(site: Site, visit: Visit, decision: Decision): Promise<void> {
  visit.service = decision.service;
  const { response: rules } = decision;
  const images = imagesFor(site, visit, decision);
  if (images) return answerWithImage(site, visit, decision, images);
  switch (decision.type) {
    case 'redirect':
    case 'status':
      return plainly(visit, { status: decision.status, rules });
    case 'static':
      return answerWithFile(site, visit, { ...decision, rules, status: decision.status ?? 200 });
    case 'function':
      return invoke(site, visit, decision);
    case 'proxy':
      return answerFromOutside(site, visit, decision);
    case 'middleware':
      return runMiddleware(site, visit, decision);
    case 'error':
      return answerWithError(site, visit, decision);
    default:
      return never(decision);
  }
}

/** The platform answers for images before code does, but not before the tables have kept a visitor out. */
export function imagesFor(
  site: Site,
  { target }: Pick<Visit, 'target'>,
  { type, service }: Decision,
): ImageSettings | null {
  if (type === 'redirect' || type === 'status' || type === 'static' || type === 'proxy') return null;
  if (!target.includes('/image') || !isImagePath(target.split('?', 1)[0] ?? '')) return null;
  return site.tree(service).images ?? site.tree(null).images;
}

/** A problem on our side of the answer: logged, and told to the client with the id under which the log has it. */
export async function answerWithProblem(
  site: Site,
  visit: Visit,
  { status, rules, problem }: Problem,
): Promise<void> {
  const { request, origin, service, target } = visit;
  if (site.showProblem?.(visit, { status, rules, problem })) return;
  site.emit({
    type: 'problem',
    service,
    message: `${request.method} ${target} was answered with ${status}: ${problem} (${origin.id})`,
  });
  const page = site.router.errorPage(service, status);
  if (page?.type === 'static') return answerWithFile(site, visit, { ...page, status, rules });
  // Only what svc itself cannot do is told: how code fails is not for visitors.
  plainly(visit, { status, rules, ...(status === 501 ? { explanation: problem } : {}) });
}

async function answerWithError(site: Site, visit: Visit, decision: ErrorDecision): Promise<void> {
  const { status, page, response: rules } = decision;
  if (page?.type === 'static') return answerWithFile(site, visit, { ...page, status, rules });
  if (page?.type === 'function') {
    const matchedPath = `/${page.name}`;
    return invoke(site, visit, {
      ...decision,
      ...page,
      matchedPath,
      matchedQuery: '',
      requestHeaders: [],
      type: 'function',
    });
  }
  const headers: [string, string][] = status === 405 ? [['allow', 'GET, HEAD']] : [];
  plainly(visit, { status, rules, headers });
}

async function answerWithFile(
  site: Site,
  visit: Visit,
  file: {
    readonly file: string;
    readonly contentType?: string;
    readonly status: number;
    readonly rules: ResponseRules;
  },
): Promise<void> {
  visit.bytes = await serveFile(visit.request, visit.response, site.files, {
    name: file.file,
    files: site.tree(visit.service).outputs.files,
    contentType: file.contentType,
    status: file.status,
    rules: file.rules,
    id: visit.origin.id,
  });
}

async function answerFromOutside(
  site: Site,
  visit: Visit,
  decision: Extract<Decision, { type: 'proxy' }>,
): Promise<void> {
  const { request, response, origin } = visit;
  try {
    visit.bytes = await forwardOutside({
      request,
      response,
      origin,
      url: decision.url,
      requestHeaders: decision.requestHeaders,
      rules: decision.response,
      status: decision.status,
      ...(visit.upgrade && {
        onUpgrade: (agreed, socket, rest) => switchProtocol(visit, decision.response, agreed, socket, rest),
      }),
    });
  } catch (error) {
    if (response.destroyed) return;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const cause = error instanceof Error ? error.message : String(error);
    await answerWithProblem(site, visit, {
      status: 502,
      rules: decision.response,
      problem: `${new URL(decision.url).origin} cannot be reached: ${cause}`,
    });
  }
}

function plainly(visit: Visit, plain: Omit<PlainAnswer, 'id'>): void {
  visit.bytes = answerPlainly(visit.request, visit.response, { ...plain, id: visit.origin.id });
}
