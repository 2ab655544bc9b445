import { pipeline } from 'node:stream/promises';
import type { MiddlewareDecision } from '@svc/router';
import { asNodeHeaders } from '../http/header-list.ts';
import { requestHeaderList } from '../http/request-headers.ts';
import { responseHeaders } from '../http/response-headers.ts';
import { type CallAnswer, readBody } from '../proxy/call.ts';
import { answer, answerWithProblem } from './answer.ts';
import { askFunction } from './ask-function.ts';
import { FunctionProblem } from './function-problem.ts';
import { readVerdict } from './middleware-verdict.ts';
import { peekBody } from './peek-body.ts';
import type { Site } from './site.ts';
import type { Visit } from './visit.ts';

/** Asks middleware what is to become of a request, and does it: it goes on, or the middleware's own answer is sent. */
export async function runMiddleware(site: Site, visit: Visit, decision: MiddlewareDecision): Promise<void> {
  const { request, response, origin } = visit;
  const { response: rules, service } = decision;
  const fn = site.tree(service).outputs.functions.get(decision.name);
  if (!fn) {
    const problem = `the deployment has no function ${decision.name}, which its table names as middleware`;
    return answerWithProblem(site, visit, { status: 501, rules, problem });
  }
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once('close', leave);
  try {
    const body = await peekBody(request, visit.response);
    const question = {
      method: request.method ?? 'GET',
      target: decision.target,
      headers: [
        ...requestHeaderList(request, origin, decision.requestHeaders).filter(
          ([name]) => !/^(?:content-length|expect|te|trailer)$/i.test(name),
        ),
      ],
      ...(body ? { body } : {}),
      signal: gone.signal,
    };
    const verdict = await askFunction(site, fn, question, async asked => {
      const read = readVerdict(asked, { host: origin.host, headers: Object.keys(request.headers) });
      if (read.type === 'goes-on') await readBody(asked.body, 0);
      else await sendAnswer(visit, decision, asked);
      return read;
    });
    response.removeListener('close', leave);
    if (verdict.type === 'goes-on') await answer(site, visit, decision.resume(verdict.outcome));
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!(error instanceof FunctionProblem)) throw error;
    if (response.headersSent) response.destroy();
    else await answerWithProblem(site, visit, { status: error.status, rules, problem: error.message });
  }
}

async function sendAnswer(visit: Visit, decision: MiddlewareDecision, asked: CallAnswer): Promise<void> {
  const { response, request, origin } = visit;
  const own = asked.headers.filter(([name]) => !/^x-middleware-/i.test(name));
  const headers = responseHeaders(own, decision.response, origin.id, { allowsTrailers: false });
  response.writeHead(asked.status, asked.message, asNodeHeaders(headers));
  if (request.method === 'HEAD') {
    asked.body.resume();
    response.end();
    return;
  }
  asked.body.on('data', (chunk: Buffer) => {
    visit.bytes += chunk.length;
  });
  await pipeline(asked.body, response);
}
