// @ts-check
import { test } from 'node:test';
import { conformance } from 'svc/builder-kit/conformance';
import builder from '../index.mjs';

const hello = `echo "content-type: text/plain"
echo
echo "hello from $PATH_INFO, $(cat name.txt)"
`;

/**
 * Small services that the builder is tried with: each is built, moved, started and asked. One is edited while svc dev runs it.
 *
 * @type {import('svc/builder-kit/conformance').Fixture[]}
 */
const fixtures = [
  {
    name: 'a script that reads a file',
    files: { 'index.sh': hello, 'name.txt': 'you' },
    requests: [
      {
        path: '/there?a=1',
        expect: { headers: { 'content-type': 'text/plain' }, body: 'hello from /there, you\n' },
      },
    ],
    edit: {
      files: { 'name.txt': 'me' },
      requests: [{ path: '/there', expect: { body: 'hello from /there, me\n' } }],
    },
  },
  {
    name: 'a script that reads the request',
    files: { 'main.sh': 'echo "status: 201"\necho\ncat\n' },
    service: { entrypoint: 'main.sh' },
    requests: [{ path: '/', method: 'POST', body: 'sent', expect: { status: 201, body: 'sent' } }],
  },
  {
    name: 'a syntax error',
    files: { 'index.sh': 'echo\nif true; then\n' },
    fails: [{ code: 'build-failed', message: /syntax error/i, file: 'service/index.sh' }],
  },
  {
    name: 'no script',
    files: { 'index.txt': '' },
    fails: [{ code: 'entrypoint-not-found', message: /no shell script/, help: /index\.sh/ }],
  },
];

for (const check of conformance(builder, fixtures)) {
  test(check.name, { skip: check.skip ?? false, timeout: check.timeout }, check.run);
}
