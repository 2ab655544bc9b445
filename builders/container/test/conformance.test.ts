import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { conformance } from 'svc/builder-kit/conformance';
import { it } from 'vitest';
import { containerBuilder } from '../src/index.ts';

const tool = (name: string) =>
  fileURLToPath(new URL(`../../../packages/cli/dist/tools/${name}.mjs`, import.meta.url));
const tools = { image: tool('container-image'), develop: tool('container-develop') };

const main = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s", r.URL.Path, os.Getenv("GREETING"))
	})
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`;

const buildCommand =
  "CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o server .";

const checks = conformance(containerBuilder(tools, { engine: null, registry: null }), [
  {
    name: 'a static program from scratch',
    needs: ['docker', 'go'],
    files: {
      Dockerfile: 'FROM scratch\nENV GREETING=hello\nCOPY server /server\nEXPOSE 8080\nCMD ["/server"]\n',
      'go.mod': 'module example.com/service\n\ngo 1.21\n',
      'main.go': main,
    },
    service: { runtime: 'container', buildCommand },
    requests: [{ path: '/a', expect: { body: '/a hello' } }],
    edit: {
      files: { 'main.go': main.replace('%s %s', '%s: %s') },
      requests: [{ path: '/a', expect: { body: '/a: hello' } }],
    },
    timeout: 240_000,
  },
  {
    name: 'an instruction that there is not',
    needs: ['docker'],
    files: { Dockerfile: 'FROM scratch\nCOPPY server /server\n' },
    service: { runtime: 'container' },
    fails: [{ code: 'build-failed', message: /COPPY/i, file: 'service/Dockerfile', line: 2 }],
  },
]);

// A fixture needs the program `docker`; that of many machines has no daemon to talk to. On CI it has.
const silent =
  !process.env.CI && spawnSync('docker', ['version']).status !== 0 ? 'docker does not answer' : undefined;
for (const check of checks) {
  const skip = check.skip ?? silent;
  it(
    skip ? `${check.name} (${skip})` : check.name,
    { skip: skip !== undefined, timeout: check.timeout },
    check.run,
  );
}
