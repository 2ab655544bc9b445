import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build, projectOf } from './support/cli.ts';
import { startDeployment } from './support/running.ts';

const WITHOUT_GO = spawnSync('go', ['version']).status !== 0 && (process.env.CI ?? '') === '';

const SERVER = `package main

import (
	"fmt"
	"net/http"
	"os"

	"example.com/words"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, words.Greeting, " ", r.URL.Path) })
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`;

describe.skipIf(WITHOUT_GO)('a Go service whose module lies partly in another service', () => {
  it.each([
    ['by replace, mounts', 'auto', 'replace'],
    ['by replace, copies', 'copy', 'replace'],
    ['by replace, strict', 'strict', 'replace'],
    ['by a workspace, strict', 'strict', 'workspace'],
  ])('%s', async (_, level, way) => {
    const replace = 'require example.com/words v0.0.0\n\nreplace example.com/words => ../words\n';
    const project = await projectOf({
      'vercel.json': {
        services: {
          api: { root: 'services/api' },
          words: { root: 'services/words', outputDirectory: 'public' },
        },
        rewrites: [{ source: '/(.*)', destination: { service: 'api' } }],
      },
      'services/api/go.mod': `module example.com/api\n\ngo 1.21\n\n${way === 'replace' ? replace : ''}`,
      'services/api/main.go': SERVER,
      'services/words/go.mod': 'module example.com/words\n\ngo 1.21\n',
      'services/words/words.go': 'package words\n\nconst Greeting = "hello"\n',
      'services/words/public/index.html': '<p>words</p>',
      ...(way === 'workspace'
        ? { 'go.work': 'go 1.21\n\nuse (\n\t./services/api\n\t./services/words\n)\n' }
        : {}),
    });
    await build(project, ['--isolation', level]);
    const { url } = await startDeployment(join(project, '.vercel/output'));
    expect(await (await fetch(`${url}/x`)).text()).toBe('hello /x');
  });
});
