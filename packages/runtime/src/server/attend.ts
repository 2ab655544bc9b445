import { answerPlainly, NO_RULES } from '../http/plain-answer.ts';
import type { Traffic } from './door.ts';
import type { Site } from './site.ts';
import type { Visit } from './visit.ts';

/** Does the work for a visit and tells of it when it is over. Whatever the work throws costs this request alone. */
export async function attend(
  site: Site,
  traffic: Traffic,
  visit: Visit,
  work: () => Promise<void>,
): Promise<void> {
  const { request, response, origin } = visit;
  const over = () => {
    traffic.running.delete(visit);
    visit.tell(site);
  };
  traffic.running.add(visit);
  response.once('close', over);
  // A client that breaks off shows at the response, too.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  try {
    await work();
    if (!visit.tunnelled) return;
    // Node's response object has given the connection away and will not tell.
    response.removeListener('close', over);
    traffic.running.delete(visit);
    visit.bytes = await visit.tunnelled;
    over();
  } catch (error) {
    // A bug of ours must cost this request alone.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    site.emit({ type: 'problem', service: visit.service, message: `svc failed (${origin.id}): ${message}` });
    if (response.headersSent) response.destroy();
    else answerPlainly(request, response, { status: 500, rules: NO_RULES, id: origin.id });
  }
}
