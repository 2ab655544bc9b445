// Writes Build Output by hand, as an adapter of a framework would: a page that is made anew when it is a second old.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';

const output = '.vercel/output';
const write = (path, value) => writeFileSync(`${output}/${path}`, JSON.stringify(value));
mkdirSync(`${output}/functions/pages/shelf.func`, { recursive: true });
write('config.json', { version: 3, routes: [{ handle: 'filesystem' }] });
write('functions/pages/shelf.func/.vc-config.json', {
  runtime: 'nodejs20.x',
  launcherType: 'Nodejs',
  handler: 'shelf.mjs',
});
copyFileSync('shelf.mjs', `${output}/functions/pages/shelf.func/shelf.mjs`);
write('functions/pages/shelf.prerender-config.json', {
  expiration: 1,
  allowQuery: ['shelf'],
  passQuery: true,
  bypassToken: 'the-token-of-the-soak-0123456789',
});
