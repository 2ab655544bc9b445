import { fileURLToPath } from 'node:url';
import { conformance } from 'svc/builder-kit/conformance';
import { afterAll, it } from 'vitest';
import { vercelBuilder } from '../src/index.ts';
import { startRegistry } from './support/registry.ts';

const tool = (name: string) =>
  fileURLToPath(new URL(`../../../packages/cli/dist/tools/${name}.mjs`, import.meta.url));

const registry = await startRegistry([
  {
    name: 'vercel-plain',
    version: '1.0.0',
    files: {
      'index.js': `exports.version = 2;
exports.build = async ({ files, entrypoint }) => {
  if (files['broken.txt']) throw new Error('broken.txt is in the way');
  return {
    output: {
      index: {
        type: 'Lambda', runtime: 'nodejs22.x', launcherType: 'Nodejs', handler: entrypoint,
        files: { [entrypoint]: files[entrypoint] },
      },
      'about.txt': { type: 'FileBlob', mode: 0o100644, data: 'about' },
    },
    routes: [{ handle: 'filesystem' }, { src: '/(.*)', dest: '/index' }],
  };
};
`,
    },
  },
]);
afterAll(() => registry.close());

const handler =
  "module.exports = (request, response) => response.end(request.url + ' ' + process.env.WHO);\n";

const checks = conformance(vercelBuilder({ install: tool('vercel-install'), build: tool('vercel-build') }), [
  {
    name: 'a package of version 2',
    files: { 'index.js': handler },
    service: { entrypoint: 'index.js' },
    local: { builder: 'vercel-plain' },
    env: { npm_config_registry: registry.url },
    runEnv: { WHO: 'you' },
    pins: ['svc-builders.json'],
    requests: [
      { path: '/a', expect: { body: '/a you' } },
      { path: '/about.txt', expect: { body: 'about' } },
    ],
  },
  {
    name: 'a package that throws',
    files: { 'index.js': handler, 'broken.txt': '' },
    service: { entrypoint: 'index.js' },
    local: { builder: 'vercel-plain' },
    env: { npm_config_registry: registry.url },
    fails: [{ code: 'build-failed', message: /broken\.txt is in the way/ }],
  },
]);

for (const check of checks)
  it(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
