// Everything that a function does with a connection: answers, asks another service, streams, reads, waits, changes protocol.
// Each answer carries the token of its request, so that one that went to somebody else is noticed.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { acceptFor, readFrames, textFrame } from './frames.mjs';

/** Endless answers: all that were begun, and those whose client has left. */
const endless = { begun: 0, left: 0 };

const answers = {
  echo: (request, response, token) => json(response, { token, url: request.url }),
  ask: async (_request, response, token) => {
    const answer = await fetch(new URL(`stock/${token}`, process.env.STORE_URL));
    json(response, { token, status: answer.status, stock: await answer.json() });
  },
  stream: async (_request, response, token) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    for (let piece = 0; piece < 20; piece++) {
      response.write(`${token} ${piece}\n`);
      await wait(2);
    }
    response.end();
  },
  upload: async (request, response, token) => {
    const hash = createHash('sha256');
    for await (const chunk of request) hash.update(chunk);
    json(response, { token, sha256: hash.digest('hex') });
  },
  endless: (_request, response, token) => {
    endless.begun++;
    const timer = setInterval(() => response.write(`${token} more\n`), 20);
    response.once('close', () => {
      clearInterval(timer);
      endless.left++;
    });
    response.write(`${token} begun\n`);
  },
  counts: (_request, response) => json(response, endless),
};

const server = createServer((request, response) => {
  const [, , what, token] = request.url.split('/');
  void answers[what](request, response, token);
});
server.on('upgrade', (request, socket) => {
  const token = request.url.split('/').at(-1);
  socket.on('error', () => socket.destroy());
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${acceptFor(request.headers['sec-websocket-key'])}\r\n\r\n`,
  );
  socket.on(
    'data',
    readFrames(text => socket.write(textFrame(`${token}: ${text}`, { isMasked: false }))),
  );
  socket.on('end', () => socket.end());
});
server.listen(process.env.PORT);

function json(response, value) {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}
