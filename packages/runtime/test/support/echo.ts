/** A function that answers with what it saw, and does by some paths what is hard to answer. */
export const ECHO = `
import { createHash } from 'node:crypto';
export default async (req, res) => {
  const [path] = req.url.split('?');
  if (path === '/env') return res.end(JSON.stringify(process.env));
  if (path === '/status') { res.statusCode = 418; res.statusMessage = 'Teapot'; return res.end(); }
  if (path === '/throw') throw new Error('thrown by the code');
  if (path === '/late-throw') { res.write('begun'); setImmediate(() => { throw new Error('late'); }); return; }
  if (path === '/cookies') { res.setHeader('set-cookie', ['a=1', 'b=2']); return res.end(); }
  if (path === '/hop') { res.setHeader('connection', 'x-secret-hop'); res.setHeader('x-secret-hop', '1'); return res.end('x'); }
  if (path === '/forge') { res.setHeader('x-vercel-id', 'forged'); return res.end('x'); }
  if (path === '/trailers') {
    res.writeHead(200, { trailer: 'x-sum' });
    const hash = createHash('sha1');
    for await (const chunk of req) { hash.update(chunk); res.write(chunk); }
    res.addTrailers({ 'x-sum': hash.digest('hex'), 'x-request': String(req.trailers['x-sent']) });
    return res.end();
  }
  if (path === '/early') { res.writeEarlyHints({ link: '</a.css>; rel=preload' }); return res.end('hinted'); }
  if (path === '/refuse') { res.statusCode = 413; return res.end('too large'); }
  if (path === '/sum') {
    const hash = createHash('sha1');
    let size = 0;
    for await (const chunk of req) { hash.update(chunk); size += chunk.length; }
    return res.end(JSON.stringify({ size, sha1: hash.digest('hex') }));
  }
  let body = '';
  for await (const chunk of req) body += chunk;
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, raw: req.rawHeaders, body }));
};`;
