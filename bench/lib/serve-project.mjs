import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A service in Node that answers with a little JSON, and one of plain files with a page of 10 kB. */
export async function serveProject(directory) {
  await mkdir(join(directory, 'api'), { recursive: true });
  await mkdir(join(directory, 'site'), { recursive: true });
  await writeFile(
    join(directory, 'vercel.json'),
    JSON.stringify({
      services: {
        api: { root: 'api', runtime: 'node', entrypoint: 'index.mjs' },
        site: { root: 'site' },
      },
      rewrites: [
        { source: '/api/:path*', destination: { service: 'api' } },
        { source: '/:path*', destination: { service: 'site' } },
      ],
    }),
  );
  await writeFile(join(directory, 'api', 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(directory, 'api', 'handler.mjs'), HANDLER);
  await writeFile(
    join(directory, 'api', 'index.mjs'),
    "export { handle as default } from './handler.mjs';\n",
  );
  await writeFile(
    join(directory, 'site', 'page.html'),
    `<!doctype html>\n${'<p>ten thousand bytes</p>\n'.repeat(400)}`,
  );
}

const HANDLER = `const items = Array.from({ length: 4 }, (_, id) => ({ id, name: 'item ' + id }));
export function handle(request, response) {
  const body = JSON.stringify({ url: request.url, items });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
`;

/** The function's own server, as its author would run it. */
export const OWN_SERVER = `import { createServer } from 'node:http';
import { handle } from './handler.mjs';
createServer(handle).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** What one writes in twenty lines to put a proxy before it. */
export const PLAIN_PROXY = `import http from 'node:http';
const agent = new http.Agent({ keepAlive: true });
http
  .createServer((request, response) => {
    const upstream = http.request(
      {
        agent,
        host: '127.0.0.1',
        port: process.env.UPSTREAM,
        method: request.method,
        path: request.url,
        headers: request.headers,
      },
      answer => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      },
    );
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
`;

/** nginx with one worker a core, as its package sets it up, kept connections to the function's own server. */
export function nginxConfig({ folder, port, upstream, files }) {
  return `worker_processes auto;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
daemon off;
events { worker_connections 1024; }
http {
  access_log ${folder}/access.log;
  include /etc/nginx/mime.types;
  sendfile on;
  keepalive_requests 1000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream function { server 127.0.0.1:${upstream}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    root ${files};
    location /api/ {
      proxy_pass http://function;
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_set_header host $host;
      proxy_set_header x-forwarded-for $remote_addr;
    }
  }
}
`;
}
