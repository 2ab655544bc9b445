import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addExpressLane } from '../express/lane.ts';
import { asNodeHeaders, type HeaderList, withId } from '../http/header-list.ts';
import { answerPlainly, NO_RULES } from '../http/plain-answer.ts';
import type { Guard } from '../protection/guard.ts';
import { answer } from './answer.ts';
import { attend } from './attend.ts';
import type { Door, Traffic } from './door.ts';
import { takeShortWay } from './short-way.ts';
import type { Site } from './site.ts';
import { Visit } from './visit.ts';

/** An HTTP server for a door of a deployment. Does not listen yet. */
export function listener(site: Site, door: Door, traffic: Traffic): Server {
  const server = createServer({
    maxHeaderSize: 65_536,
    headersTimeout: 60_000,
    // Uploads take as long as they take.
    requestTimeout: 0,
    // Longer than load balancers keep theirs, so that they and not svc close idle connections.
    keepAliveTimeout: 65_000,
  });
  const receive = (request: IncomingMessage, response: ServerResponse) => {
    if (!server.listening) response.shouldKeepAlive = false;
    const visit = new Visit(request, response, door.caller);
    void receiveVisit(site, door, traffic, visit);
  };
  server.on('request', receive);
  addExpressLane(server, (plain, client) => {
    if (server.listening && !door.guard) takeShortWay({ site, door, traffic, plain, client });
    else receive(...client.objects());
  });
  // Whether to ask for the body is for the code to say.
  server.on('checkContinue', receive);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void receiveUpgrade(site, door, traffic, request, socket as Socket, head);
  });
  return server;
}

function receiveVisit(site: Site, door: Door, traffic: Traffic, visit: Visit): Promise<void> {
  return attend(site, traffic, visit, async () => {
    const { request, target, origin } = visit;
    if (door.guard && (await isKeptOut(door.guard, visit))) return;
    const { method = 'GET', headers } = request;
    await answer(site, visit, door.decide({ method, target, headers, host: origin.host }));
  });
}

/** Whether the visitor was sent away, or to the page for the password. */
async function isKeptOut(guard: Guard, visit: Visit): Promise<boolean> {
  const { request, response, target, origin } = visit;
  const refusal = await guard.check(request, target, origin.clientAddress);
  if (!refusal) return false;
  const body = Buffer.from(refusal.body);
  const own: HeaderList = [...refusal.headers, ['content-length', String(body.length)]];
  response.writeHead(refusal.status, asNodeHeaders(withId(own, origin.id)));
  response.end(body);
  visit.bytes = request.method === 'HEAD' ? 0 : body.length;
  return true;
}

/**
 * A request to change the protocol. Only code can agree to that; anything else is answered as if it had not been asked for,
 * and the connection ends.
 */
async function receiveUpgrade(
  site: Site,
  door: Door,
  traffic: Traffic,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  socket.on('error', () => undefined);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  const visit = new Visit(request, response, door.caller);
  const { headers } = request;
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    // Node does not read the body of such a request, so whatever came behind it would not be understood.
    answerPlainly(request, response, {
      status: 400,
      rules: NO_RULES,
      id: visit.origin.id,
      explanation: 'a request that changes the protocol cannot have a body',
    });
    return;
  }
  traffic.tunnels.add(socket);
  socket.once('close', () => {
    traffic.tunnels.delete(socket);
    response.destroy();
  });
  if (/^websocket$/i.test(headers.upgrade ?? '')) visit.upgrade = { socket, head };
  await receiveVisit(site, door, traffic, visit);
}
