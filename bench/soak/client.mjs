import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { connect } from 'node:net';
import { readFrames, textFrame } from './project/api/frames.mjs';

/** Asks a server over connections that are kept, as browsers and proxies do; all times are milliseconds since 1970. */
export class Client {
  #agent = newAgent();

  constructor(origin) {
    this.origin = new URL(origin);
  }

  /** Closes all connections that nothing is on. */
  rest() {
    this.#agent.destroy();
    this.#agent = newAgent();
  }

  /**
   * The whole answer to a request: `{ status, headers, body, isComplete, began, ended }`; a connection that breaks is
   * `{ error, began, ended }`. Never rejects. `fresh` opens a connection for this request alone.
   */
  ask(path, { method = 'GET', headers = {}, body, fresh = false } = {}) {
    const began = Date.now();
    return new Promise(resolve => {
      const failed = error => resolve({ error, began, ended: Date.now() });
      const request = this.#request(path, { method, headers, agent: fresh ? false : this.#agent });
      request.once('error', failed);
      request.once('response', response => {
        const chunks = [];
        response.on('data', chunk => chunks.push(chunk));
        response.once('error', failed);
        response.once('close', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks),
            isComplete: response.complete,
            began,
            ended: Date.now(),
          }),
        );
      });
      request.end(body);
    });
  }

  /** Begins to read an answer and leaves in the middle of it. Resolves with what had come. */
  leave(path) {
    return new Promise((resolve, reject) => {
      const request = this.#request(path, { agent: false });
      request.once('error', reject);
      request.once('response', response => {
        response.once('data', chunk => {
          response.on('error', () => undefined);
          response.once('close', () => resolve(chunk.toString()));
          response.destroy();
        });
      });
      request.end();
    });
  }

  /** A WebSocket for short texts that are answered in order. */
  openSocket(path) {
    return new Promise((resolve, reject) => {
      const waiting = [];
      const socket = connect(Number(this.origin.port), this.origin.hostname);
      const take = readFrames(text => waiting.shift()?.resolve(text));
      const broken = error => {
        reject(error);
        for (const { reject: fail } of waiting.splice(0)) fail(error);
      };
      let head = '';
      const begin = chunk => {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        socket.removeListener('data', begin);
        if (!head.startsWith('HTTP/1.1 101 ')) {
          socket.destroy(new Error(`no WebSocket: ${head}`));
          return;
        }
        socket.on('data', take);
        take(Buffer.from(head.slice(end + 4), 'latin1'));
        resolve({
          say: text =>
            new Promise((answered, failed) => {
              waiting.push({ resolve: answered, reject: failed });
              socket.write(textFrame(text, { isMasked: true }));
            }),
          close: () => new Promise(done => socket.once('close', done).end()),
          closed: new Promise(done => socket.once('close', done)),
        });
      };
      socket.on('data', begin);
      socket.once('error', broken);
      socket.once('close', () => broken(new Error('the connection was closed')));
      const key = randomBytes(16).toString('base64');
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${this.origin.host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
      );
    });
  }

  #request(path, options) {
    const { hostname, port } = this.origin;
    return http.request({ hostname, port, path, ...options });
  }
}

/** Connections that nothing has been on for a while are closed by this end, before svc closes them. */
function newAgent() {
  return new http.Agent({ keepAlive: true, maxSockets: 256, timeout: 30_000 });
}
