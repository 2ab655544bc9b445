// Reached over a binding alone.
import { createServer } from 'node:http';

createServer((request, response) => {
  const token = request.url.split('/').at(-1);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ token, left: token.length }));
}).listen(process.env.PORT);
