// Shipped in the function, and run by svc dev: answers each request by running the script as a CGI program (RFC 3875).
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// In a deployment the scripts lie beside this module; in svc dev they are where they are written.
const folder = process.env.SCRIPTS ?? fileURLToPath(new URL('./app/', import.meta.url));

export default function serve(request, response) {
  const script = spawn('sh', [process.env.SCRIPT], {
    cwd: folder,
    env: { ...process.env, ...variables(request) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const chunks = [];
  // A script that ends without reading the whole body is its own business.
  script.stdin.on('error', () => undefined);
  request.pipe(script.stdin);
  script.stdout.on('data', chunk => chunks.push(chunk));
  script.on('error', error => refuse(response, error.message));
  script.on('close', code => {
    if (code !== 0) refuse(response, `the script ended with exit code ${code}`);
    else answer(response, Buffer.concat(chunks));
  });
}

function variables(request) {
  const { pathname, search } = new URL(request.url, 'http://localhost');
  const headers = Object.entries(request.headers).map(([name, value]) => [
    `HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
    String(value),
  ]);
  return {
    ...Object.fromEntries(headers),
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: request.method,
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: request.headers['content-length'] ?? '',
  };
}

/** Headers, an empty line, the body. `Status: 404 Not Found` is the status. */
function answer(response, output) {
  const [head = ''] = /^.*?\r?\n\r?\n/s.exec(output.toString('latin1')) ?? [];
  for (const line of head.trim().split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else if (name !== '') response.appendHeader(name, value);
  }
  response.end(output.subarray(head.length));
}

function refuse(response, reason) {
  console.error(reason);
  if (!response.headersSent) response.statusCode = 500;
  response.end();
}
