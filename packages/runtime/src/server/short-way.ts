import type { Decision } from '@svc/router';
import type { ExpressClient } from '../express/client.ts';
import type { PlainRequest } from '../express/plain-request.ts';
import { wholeAnswer } from '../express/whole-answer.ts';
import { chooseFile, replyWithFile } from '../static/file-reply.ts';
import { answer, imagesFor } from './answer.ts';
import { attend } from './attend.ts';
import type { Door, Traffic } from './door.ts';
import { ShortExchange } from './short-exchange.ts';
import type { Site } from './site.ts';
import { tellPlainly } from './tell-plainly.ts';
import { type Arrival, arrivalOf, Visit } from './visit.ts';

/** A plain request that has just come in by a door without a guard. */
export interface PlainArrival {
  readonly site: Site;
  readonly door: Door;
  readonly traffic: Traffic;
  readonly plain: PlainRequest;
  readonly client: ExpressClient;
}

/**
 * Answers what most requests are for without the objects that Node has for a request: a file that is in memory, and a
 * function that is up. The others go the long way, and so does an answer of a function as soon as it is more than one
 * piece; both ways give the same answers.
 */
export function takeShortWay(plainly: PlainArrival): void {
  const { site, door, traffic, plain, client } = plainly;
  const arrival = arrivalOf({ headers: plain.headers, socket: client.socket }, door.caller);
  const goLong = (work: (visit: Visit) => Promise<void>) => {
    const visit = new Visit(...client.objects(), door.caller, arrival);
    void attend(site, traffic, visit, () => work(visit));
  };
  let decision: Decision;
  try {
    const { method, target, headers } = plain;
    decision = door.decide({ method, target, headers, host: arrival.origin.host });
  } catch (error) {
    goLong(() => Promise.reject(error));
    return;
  }
  if (sendFile(plainly, arrival, decision) || askProcess(plainly, arrival, decision)) return;
  goLong(visit => answer(site, visit, decision));
}

/** @returns whether it was sent: it is a file, and in memory. */
function sendFile(plainly: PlainArrival, arrival: Arrival, decision: Decision): boolean {
  const { site, plain, client } = plainly;
  if (decision.type !== 'static') return false;
  const { file, contentType, service } = decision;
  const { id } = arrival.origin;
  const { files } = site.tree(service).outputs;
  const asked = {
    name: file,
    files,
    contentType,
    status: decision.status ?? 200,
    rules: decision.response,
    id,
  };
  const chosen = chooseFile(plain, asked);
  const stored = site.files.recall(chosen.path);
  if (!stored) return false;
  const { status, headers, body, length } = replyWithFile(plain, asked, chosen, stored);
  if (body !== null && !Buffer.isBuffer(body)) return false;
  const whole = wholeAnswer({ status, message: '', headers, body: body ?? undefined });
  if (whole === null) return false;
  client.send(whole);
  tellPlainly(plainly, arrival, { status, bytes: length, service, invoked: false, aborted: false });
  return true;
}

/** @returns whether a process was asked: one that answers such requests itself, and is up. */
function askProcess(plainly: PlainArrival, arrival: Arrival, decision: Decision): boolean {
  const { site, plain } = plainly;
  if (decision.type !== 'function' || imagesFor(site, plain, decision)) return false;
  const tree = site.tree(decision.service);
  const { functions, prerenders } = tree.outputs;
  const fn = functions.get(decision.name);
  if (!fn || fn.runtime.type === 'unsupported' || prerenders.has(decision.name)) return false;
  const instance = site.host(fn).acquireNow();
  if (!instance) return false;
  new ShortExchange(plainly, arrival, { decision, fn, tree, instance }).start();
  return true;
}
