import { fileURLToPath } from 'node:url';
import { conformance } from 'svc/builder-kit/conformance';
import { it } from 'vitest';
import { pythonBuilder } from '../src/index.ts';

const tool = (name: string) =>
  fileURLToPath(new URL(`../../../packages/cli/dist/tools/${name}.mjs`, import.meta.url));

const checks = conformance(
  pythonBuilder({
    install: tool('python-install'),
    bundle: tool('python-bundle'),
    environment: tool('python-environment'),
  }),
  [
    {
      name: 'a WSGI app',
      needs: ['python3'],
      files: {
        'main.py': `import os
from words import GREETING


def app(environ, start_response):
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"{GREETING} {environ['PATH_INFO']} {os.environ.get('WHO', '')}".encode()]
`,
        'words.py': 'GREETING = "hello"\n',
      },
      service: { entrypoint: 'main:app' },
      runEnv: { WHO: 'you' },
      requests: [{ path: '/a', expect: { body: 'hello /a you' } }],
      edit: {
        files: { 'words.py': 'GREETING = "bye"\n' },
        requests: [{ path: '/a', expect: { body: 'bye /a you' } }],
      },
    },
    {
      name: 'a version that no interpreter here has',
      needs: ['python3'],
      files: { 'main.py': 'app = None\n', '.python-version': '3.2\n' },
      service: { entrypoint: 'main:app' },
      fails: [{ code: 'tool-missing', message: /3\.2/, file: 'service/.python-version' }],
    },
  ],
);

for (const check of checks)
  it(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
