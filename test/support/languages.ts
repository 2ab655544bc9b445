import { projectOf } from './cli.ts';

/** A project with a service of every kind that svc dev runs by itself, as it comes out of a repository: nothing is installed. */
export function languagesProject(): Promise<string> {
  return projectOf({
    'vercel.json': {
      services: {
        web: { root: 'web', framework: 'vite', rewrites: [{ source: '/(.*)', destination: '/index.html' }] },
        api: {
          root: 'api',
          bindings: [{ type: 'service', service: 'stock', format: 'url', env: 'STOCK_URL' }],
        },
        edge: { root: 'edge', entrypoint: 'server.ts' },
        docs: { root: 'docs', cleanUrls: true },
        board: { root: 'board', framework: 'vite' },
        stock: {
          root: 'stock',
          bindings: [{ type: 'service', service: 'api', format: 'url', env: 'API_URL' }],
        },
        shop: { root: 'shop' },
        prices: { root: 'prices' },
      },
      rewrites: REWRITES,
    },
    '.gitignore': 'node_modules/\n.svc/\n__pycache__/\n',
    ...WEB,
    'api/package.json': { name: 'api', private: true, type: 'module', dependencies: { express: '^4.21.0' } },
    'api/tsconfig.json': { compilerOptions: { paths: { '#lib/*': ['./src/lib/*'] } } },
    'api/src/server.ts': API,
    'api/src/lib/answer.ts': `export enum Answer { Text = 'api one' }\n`,
    'edge/package.json': { name: 'edge', private: true, type: 'module', dependencies: { hono: '^4.6.0' } },
    'edge/server.ts': `
      import { Hono } from 'hono';
      const app = new Hono();
      app.get('/edge', c => c.text('hono one'));
      export default app;
    `,
    'board/package.json': {
      name: 'board',
      private: true,
      type: 'module',
      devDependencies: { vite: '^6.0.0' },
    },
    'board/vite.config.js': `export default { base: '/board/' };\n`,
    'board/index.html': '<h1>board</h1><script type="module" src="/main.js"></script>\n',
    'board/main.js': `document.title = 'board';\n`,
    'docs/index.html': '<h1>docs one</h1>\n',
    'docs/about.html': '<h1>about</h1>\n',
    'stock/requirements.txt': 'fastapi\nuvicorn\n',
    'stock/main.py': `
import os
import urllib.request
from fastapi import FastAPI

app = FastAPI()

@app.get("/stock")
def stock():
    return {"stock": "one"}

@app.get("/ask")
def ask():
    with urllib.request.urlopen(os.environ["API_URL"] + "api/hi") as answer:
        return {"asked": answer.read().decode()}
`,
    'shop/requirements.txt': 'flask\n',
    'shop/app.py': `
from flask import Flask

app = Flask(__name__)

@app.get("/shop")
def shop():
    return "flask one"
`,
    'prices/go.mod': 'module example.com/prices\n\ngo 1.21\n',
    'prices/main.go': `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/prices", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "go one") })
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
`,
  });
}

export const REWRITES = [
  { source: '/api/:path*', destination: { service: 'api' } },
  { source: '/edge', destination: { service: 'edge' } },
  { source: '/board/:path*', destination: { service: 'board', path: '/:path*' } },
  { source: '/docs/(.*)', destination: { service: 'docs', path: '/$1' } },
  { source: '/shop', destination: { service: 'shop' } },
  { source: '/prices', destination: { service: 'prices' } },
  { source: '/(.*)', destination: { service: 'web' } },
];

const API = `
import { createServer, type IncomingMessage } from 'node:http';
import express, { type Request } from 'express';
import { Answer } from '#lib/answer.js';

const app = express();
app.get('/api/hi', (_request: Request, response) => void response.send(Answer.Text));
app.get('/api/stock', async (_request, response) => {
  const answer = await fetch(new URL('stock', process.env.STOCK_URL));
  response.send(await answer.text());
});
app.get('/api/ask', async (_request, response) => {
  const answer = await fetch(new URL('ask', process.env.STOCK_URL));
  response.send(await answer.text());
});
const server = createServer(app);
server.on('upgrade', (request: IncomingMessage, socket) => {
  socket.end('HTTP/1.1 101 Switching Protocols\\r\\nconnection: upgrade\\r\\nupgrade: websocket\\r\\n\\r\\nhello ' + request.url);
});
server.listen(process.env.PORT);
`;

const WEB = {
  'web/package.json': { name: 'web', private: true, type: 'module', devDependencies: { vite: '^6.0.0' } },
  'web/index.html': `<!doctype html>
<html><head><title>web</title></head><body>
<input id="field"><p id="text"></p>
<script type="module" src="/src/main.js"></script>
</body></html>
`,
  'web/src/main.js': `
import { text } from './text.js';

const show = value => { document.getElementById('text').textContent = value; };
show(text);
if (import.meta.hot) import.meta.hot.accept('./text.js', module => show(module.text));
`,
  'web/src/text.js': `export const text = 'vite one';\n`,
};
