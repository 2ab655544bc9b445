import { expect, it } from 'vitest';
import { start } from './support/deployment.ts';
import { nodeFunction } from './support/functions.ts';
import { ask } from './support/http.ts';

it('a kept connection is read again after an answer that the client took slowly', async () => {
  const site = await start(
    nodeFunction(`export default (request, response) => {
      response.end(request.url === '/large' ? 'x'.repeat(180_000) : 'small');
    }`),
  );
  // The last piece of a large answer may be one that has to wait for the client.
  for (let round = 0; round < 20; round++) {
    expect((await ask(site.port, '/large')).text).toHaveLength(180_000);
    expect((await ask(site.port, '/small')).text).toBe('small');
  }
});
