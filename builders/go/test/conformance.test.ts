import { fileURLToPath } from 'node:url';
import { conformance } from 'svc/builder-kit/conformance';
import { it } from 'vitest';
import { goBuilder } from '../src/index.ts';

const tool = (name: string) =>
  fileURLToPath(new URL(`../../../packages/cli/dist/tools/${name}.mjs`, import.meta.url));

const main = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, os.Getenv("GREETING"))
	})
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`;
const module = 'module example.com/service\n\ngo 1.21\n';

const checks = conformance(goBuilder({ download: tool('go-download'), build: tool('go-build') }), [
  {
    name: 'net/http',
    needs: ['go'],
    files: { 'go.mod': module, 'main.go': main },
    service: { runtime: 'go' },
    runEnv: { GREETING: 'hello' },
    requests: [
      { path: '/a/b?c=1', expect: { body: 'GET /a/b hello' } },
      { path: '/', method: 'POST', body: 'x', expect: { body: 'POST / hello' } },
    ],
    edit: {
      files: { 'main.go': main.replace('%s %s %s', '%s at %s: %s') },
      requests: [{ path: '/a', expect: { body: 'GET at /a: hello' } }],
    },
  },
  {
    name: 'a compile error',
    needs: ['go'],
    files: { 'go.mod': module, 'main.go': 'package main\n\nfunc main() {\n\tundefinedName()\n}\n' },
    service: { runtime: 'go' },
    fails: [{ code: 'build-failed', message: /undefined: undefinedName/, file: 'service/main.go', line: 4 }],
  },
  {
    name: 'no go.mod',
    files: { 'main.go': main },
    service: { runtime: 'go' },
    fails: [{ code: 'entrypoint-not-found', message: /no go\.mod/, help: /go mod init/ }],
  },
]);

for (const check of checks)
  it(check.name, { skip: check.skip !== undefined, timeout: check.timeout }, check.run);
