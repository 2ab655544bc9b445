import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Files, runProgram } from '@svc/builder-kit/test-support';
import { describe, expect, it } from 'vitest';
import { WITHOUT_GO, workshop } from './support/workshop.ts';

const { project, start } = workshop();

const MOD = 'module example.com/api\n\ngo 1.21\n';
const MAIN = `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, r.Header.Get("X-Forwarded-For"))
	})
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
`;

function failuresOf(result: { readonly ok: boolean; readonly failures?: unknown }) {
  if (result.ok) throw new Error('it was built');
  return result.failures as { code: string; message: string; help?: string; position?: object }[];
}

describe.skipIf(WITHOUT_GO)('programs are built, copied elsewhere and asked', () => {
  it('net/http: static, without paths of this machine, and the same wherever it is built', async () => {
    const files: Files = { 'go.mod': MOD, 'main.go': MAIN, 'page.html': '<p>', 'other.txt': '' };
    const fixture = { functions: { 'main.go': { memory: 256, includeFiles: '*.html' } } };
    const [one, two] = [await project(files), await project(files)];
    const [first, second] = [await one.built(fixture), await two.built(fixture)];
    expect(first.plan.steps.map(step => step.label)).toEqual(['go build ./']);
    expect(first.config.routes).toMatchObject([{ handle: 'filesystem' }, { src: '/(.*)', dest: '/go' }]);
    for (const name of ['user-server', 'executable']) {
      const content = readFileSync(join(first.function, name));
      expect(content.equals(readFileSync(join(second.function, name)))).toBe(true);
      expect(content.includes(one.boundary)).toBe(false);
    }
    expect(JSON.parse(readFileSync(join(first.function, '.vc-config.json'), 'utf8'))).toMatchObject({
      runtime: 'executable',
      handler: 'executable',
      runtimeLanguage: 'go',
      memory: 256,
    });
    expect(existsSync(join(first.function, 'page.html'))).toBe(true);
    expect(existsSync(join(first.function, 'other.txt'))).toBe(false);
    const { origin } = await start(first.function);
    expect(await (await fetch(`${origin}/a`)).text()).toBe('GET /a ');
    const bridged = await start(first.function, 'executable');
    const headers = { 'x-forwarded-for': '1.2.3.4', 'x-vercel-internal-request-id': '7' };
    expect(await (await fetch(`${bridged.origin}/b`, { headers })).text()).toBe('GET /b 1.2.3.4');
    expect(await (await fetch(`${bridged.origin}/_vercel/ping`)).text()).toBe('OK');
    expect(bridged.messages).toEqual(['server-started', 'handler-started', 'end']);
  });

  it('gin, from cmd/api', async () => {
    const { boundary, built } = await project({
      'go.mod': 'module example.com/api\n\ngo 1.21\n\nrequire github.com/gin-gonic/gin v1.10.0\n',
      'cmd/api/main.go': `package main

import "github.com/gin-gonic/gin"

func main() {
	router := gin.New()
	router.GET("/items/:id", func(c *gin.Context) { c.JSON(200, gin.H{"id": c.Param("id")}) })
	router.Run()
}
`,
    });
    const tidy = await runProgram('go', ['mod', 'tidy'], boundary);
    expect(tidy.status, tidy.output).toBe(0);
    const { function: folder, plan } = await built();
    expect(plan.entrypoint).toBe('cmd/api/main.go');
    expect(plan.steps.map(({ label, network }) => [label, network ?? false])).toEqual([
      ['go mod download', true],
      ['go build ./cmd/api', false],
    ]);
    const { origin } = await start(folder);
    expect(await (await fetch(`${origin}/items/7`)).json()).toEqual({ id: '7' });
  });

  it.each([
    [
      'chi',
      'github.com/go-chi/chi/v5 v5.1.0',
      `import (
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"
)

func main() {
	router := chi.NewRouter()
	router.Get("/items/{id}", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(chi.URLParam(r, "id"))) })
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), router)
}
`,
    ],
    [
      'echo',
      'github.com/labstack/echo/v4 v4.12.0',
      `import (
	"os"

	"github.com/labstack/echo/v4"
)

func main() {
	server := echo.New()
	server.GET("/items/:id", func(c echo.Context) error { return c.String(200, c.Param("id")) })
	server.Start("127.0.0.1:" + os.Getenv("PORT"))
}
`,
    ],
  ])('%s, the only program, in cmd/serve', async (_, requirement, program) => {
    const { boundary, built } = await project({
      'go.mod': `module example.com/api\n\ngo 1.21\n\nrequire ${requirement}\n`,
      'cmd/serve/main.go': `package main\n\n${program}`,
    });
    const tidy = await runProgram('go', ['mod', 'tidy'], boundary);
    expect(tidy.status, tidy.output).toBe(0);
    const { function: folder, plan } = await built();
    expect(plan.entrypoint).toBe('cmd/serve/main.go');
    const { origin } = await start(folder);
    expect(await (await fetch(`${origin}/items/7`)).text()).toBe('7');
  });

  it('a local module that replaces one, outside the root', async () => {
    const { built } = await project({
      'api/go.mod': `${MOD}\nrequire example.com/words v0.0.0\n\nreplace example.com/words => ../words\n`,
      'api/main.go': MAIN.replace('"os"', '"os"\n\n\t"example.com/words"').replace(
        'r.Method',
        'words.Greeting',
      ),
      'words/go.mod': 'module example.com/words\n\ngo 1.21\n',
      'words/words.go': 'package words\n\nconst Greeting = "hello"\n',
    });
    const { function: folder, plan } = await built({ root: 'api' });
    expect(plan.inputs).toEqual(['words']);
    expect(await (await fetch(`${(await start(folder)).origin}/x`)).text()).toBe('hello /x ');
  });

  it("the service's own build command, by the file that it is told or by what it leaves", async () => {
    const { built, build } = await project({
      'go.mod': MOD,
      'tools/server/main.go': MAIN,
      'bin/readme.txt': '',
    });
    const told = await built({ buildCommand: 'go build -o "$VERCEL_OUTPUT_FILE" ./tools/server' });
    expect(await (await fetch(`${(await start(told.function)).origin}/x`)).text()).toBe('GET /x ');
    const left = await built({ buildCommand: 'mkdir -p bin && go build -o bin/server ./tools/server' });
    expect(existsSync(join(left.function, 'user-server'))).toBe(true);
    const [failure] = failuresOf(await build({ buildCommand: 'rm -f bin/server' }));
    expect(failure).toMatchObject({ code: 'entrypoint-not-built' });
    expect(failure?.help).toContain('$VERCEL_OUTPUT_FILE');
  });

  it('a module of a workspace, where other modules are out of sight', async () => {
    const { built } = await project({
      'go.work': 'go 1.21\n\nuse (\n\t./services/api // ours\n\t./services/hidden\n\t./libs/words\n)\n',
      'services/api/go.mod': MOD,
      'services/api/main.go': MAIN.replace('"os"', '"os"\n\n\t"example.com/words"').replace(
        'r.Method',
        'words.Greeting',
      ),
      'libs/words/go.mod': 'module example.com/words\n\ngo 1.21\n',
      'libs/words/words.go': 'package words\n\nconst Greeting = "hello"\n',
    });
    const { function: folder } = await built({ root: 'services/api' });
    const { origin } = await start(folder);
    expect(await (await fetch(`${origin}/x`)).text()).toBe('hello /x ');
  });
});

describe.skipIf(WITHOUT_GO)('programs that cannot be built', () => {
  it('compile errors have their places, all of them', async () => {
    const { build } = await project({
      'svc/go.mod': MOD,
      'svc/main.go':
        'package main\n\nfunc main() {\n\tvar grüße, x int = undefined()\n\t_, _ = grüße, x\n\treturn 1\n}\n',
    });
    expect(failuresOf(await build({ root: 'svc' }))).toMatchObject([
      {
        code: 'build-failed',
        message: expect.stringContaining('undefined'),
        position: { file: 'svc/main.go', line: 4, column: 21 },
      },
      { code: 'build-failed', position: { file: 'svc/main.go', line: 6, column: 9, lineText: '\treturn 1' } },
    ]);
  });

  it('a package that no module provides: the import and the command that adds it', async () => {
    const { build } = await project({
      'go.mod': MOD,
      'main.go': 'package main\n\nimport "example.com/absent/thing"\n\nfunc main() { thing.Run() }\n',
    });
    const [failure] = failuresOf(await build());
    expect(failure).toMatchObject({
      code: 'build-failed',
      position: { file: 'main.go', line: 3, column: 8 },
    });
    expect(failure?.help).toContain('go get example.com/absent/thing');
  });

  it('a newer Go than there is: the line that asks for it', async () => {
    const { build } = await project({ 'go.mod': 'module example.com/api\n\ngo 1.999\n', 'main.go': MAIN });
    const [failure] = failuresOf(await build({}, { GOTOOLCHAIN: 'local' }));
    expect(failure).toMatchObject({
      code: 'tool-missing',
      message: expect.stringMatching(/^the module needs Go 1\.999, and the Go found is 1\.\d+/),
      position: { file: 'go.mod', line: 3, column: 1 },
    });
  });

  it('a requirement without its line in go.sum: the command that adds it', async () => {
    const { build } = await project({
      'go.mod': `${MOD}\nrequire github.com/go-chi/chi/v5 v5.1.0\n`,
      'main.go': 'package main\n\nimport _ "github.com/go-chi/chi/v5"\n\nfunc main() {}\n',
    });
    const [failure] = failuresOf(await build());
    expect(failure?.message).toContain('missing go.sum entry');
    expect(failure?.help).toMatch(/go (mod tidy|get)/);
  });

  it('no Go at all: what to install', async () => {
    const { boundary, build } = await project({ 'go.mod': MOD, 'main.go': MAIN });
    const [failure] = failuresOf(await build({}, { PATH: join(boundary, 'nothing') }));
    expect(failure).toMatchObject({
      code: 'tool-missing',
      message: expect.stringContaining('go is not on this machine'),
    });
    expect(failure?.help).toContain('Install Go');
  });

  it('a version of a module that does not exist: its line in go.mod', async () => {
    const { build } = await project({
      'go.mod': `${MOD}\nrequire github.com/gin-gonic/gin v0.0.1\n`,
      'main.go': MAIN,
    });
    const [failure] = failuresOf(await build());
    expect(failure).toMatchObject({ code: 'install-failed', position: { file: 'go.mod', line: 5 } });
  });
});
