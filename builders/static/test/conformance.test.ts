import { conformance } from 'svc/builder-kit/conformance';
import { it } from 'vitest';
import { staticBuilder } from '../src/index.ts';

const page = '<!doctype html><title>Hello</title>';

const checks = conformance(staticBuilder, [
  {
    name: 'plain files',
    files: {
      'index.html': page,
      'about.html': '<p>About',
      'css/site.css': 'body {}',
      '.secret': 'no',
      'keys/server.pem': 'no',
    },
    service: { cleanUrls: true },
    requests: [
      { path: '/', expect: { body: page, headers: { 'content-type': /^text\/html/ } } },
      { path: '/about', expect: { body: '<p>About' } },
      { path: '/css/site.css', expect: { headers: { 'content-type': /^text\/css/ } } },
      { path: '/.secret', expect: { status: 404 } },
      { path: '/keys/server.pem', expect: { status: 404 } },
      { path: '/page.txt', expect: { status: 404 } },
    ],
  },
  {
    name: 'a built site',
    files: { 'page.txt': 'built' },
    service: { buildCommand: 'mkdir -p dist && cp page.txt dist/index.html', outputDirectory: 'dist' },
    requests: [{ path: '/', expect: { body: 'built' } }],
    edit: { files: { 'page.txt': 'again' }, requests: [{ path: '/', expect: { body: 'again' } }] },
  },
  {
    name: 'a build that fails',
    files: { 'page.txt': '' },
    service: { buildCommand: 'echo no luck >&2; exit 3', outputDirectory: 'dist' },
    fails: [{ code: 'build-failed', message: /exit code 3/ }],
  },
  {
    name: 'a build that leaves nothing',
    files: { 'page.txt': '' },
    service: { buildCommand: 'true', outputDirectory: 'dist' },
    fails: [{ code: 'output-directory-missing', message: /dist/ }],
  },
]);

for (const check of checks)
  it(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
