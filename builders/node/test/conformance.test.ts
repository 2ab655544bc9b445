import { fileURLToPath } from 'node:url';
import { conformance } from 'svc/builder-kit/conformance';
import { it } from 'vitest';
import { nodeBuilder } from '../src/index.ts';

const bundle = fileURLToPath(new URL('../../../packages/cli/dist/tools/node-bundle.mjs', import.meta.url));

const checks = conformance(nodeBuilder({ bundle }), [
  {
    name: 'a program that listens',
    files: {
      'package.json': { name: 'service', private: true, type: 'module', scripts: {} },
      'server.ts': `import { createServer } from 'node:http';
import { greeting } from './greeting.ts';
createServer((request, response) => response.end(greeting(request.url ?? ''))).listen(Number(process.env.PORT));
`,
      'greeting.ts':
        "import { readFileSync } from 'node:fs';\nconst word = readFileSync(new URL('./word.txt', import.meta.url), 'utf8');\nexport const greeting = (path: string): string => word + ' ' + path;\n",
      'word.txt': 'hello',
    },
    service: { entrypoint: 'server.ts' },
    requests: [{ path: '/a?b=1', expect: { body: 'hello /a?b=1' } }],
    edit: { files: { 'word.txt': 'bye' }, requests: [{ path: '/a', expect: { body: 'bye /a' } }] },
  },
  {
    name: 'a handler that a build makes',
    files: {
      'package.json': { name: 'service', private: true, type: 'module', scripts: { build: 'node make.mjs' } },
      'make.mjs':
        "import { mkdirSync, writeFileSync } from 'node:fs';\nmkdirSync('dist', { recursive: true });\nwriteFileSync('dist/index.js', 'export default { fetch: request => Response.json({ method: request.method }) };');\n",
    },
    service: { entrypoint: 'dist/index.js' },
    requests: [{ path: '/', method: 'PUT', expect: { json: { method: 'PUT' } } }],
  },
  {
    name: 'a syntax error',
    files: {
      'package.json': { name: 'service', private: true, type: 'module' },
      'server.ts': 'const a = 1;\nexport default {\n',
    },
    service: { entrypoint: 'server.ts' },
    fails: [{ code: 'bundle-failed', message: /./, file: 'service/server.ts' }],
  },
]);

for (const check of checks)
  it(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
