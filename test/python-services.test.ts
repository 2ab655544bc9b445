import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../builders/python/test/support/build.ts';
import { exchange } from '../builders/python/test/support/websocket.ts';
import { pathWithUv } from '../builders/python/test/support/workshop.ts';
import { build, projectOf, REPOSITORY, writeFiles } from './support/cli.ts';
import { startDeployment } from './support/running.ts';

const TO_API = { rewrites: [{ source: '/(.*)', destination: { service: 'api' } }] };

describe('an ASGI app behind svc start', () => {
  it('talks over a WebSocket, and sends events one by one', async () => {
    const project = await projectOf({
      'vercel.json': { services: { api: { root: 'api', entrypoint: 'web:app' } }, ...TO_API },
      'api/requirements.txt': 'starlette==0.41.3\nanyio==4.7.0\n',
      'api/web.py': `
import asyncio
import os
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute

asked = asyncio.Event()

async def events(request):
    async def each():
        yield "data: first\\n\\n"
        # The second goes out when somebody has seen the first and says so.
        await asked.wait()
        yield "data: second\\n\\n"
    return StreamingResponse(each(), media_type="text/event-stream")

async def go_on(request):
    asked.set()
    return PlainTextResponse(os.environ["PORT"])

async def talk(socket):
    await socket.accept()
    await socket.send_text("got " + await socket.receive_text())

app = Starlette(routes=[Route("/events", events), Route("/go-on", go_on), WebSocketRoute("/ws", talk)])
`,
    });
    await build(project);
    const { url } = await startDeployment(join(project, '.vercel/output'));
    expect(await exchange(url, '/ws', 'hello')).toBe('got hello');
    const reader = (await fetch(`${url}/events`)).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toMatchObject({ value: 'data: first\n\n' });
    expect(await (await fetch(`${url}/go-on`)).text()).toMatch(/^\d+$/);
    expect(await reader?.read()).toMatchObject({ value: 'data: second\n\n' });
  });
});

describe('a uv workspace over several services', () => {
  let tools: string;
  let path: string;
  beforeAll(async () => {
    // Steps have a temp folder of their own, so what they are to find lies elsewhere.
    const caches = join(REPOSITORY, 'node_modules', '.cache');
    await mkdir(caches, { recursive: true });
    tools = await mkdtemp(join(caches, 'uv-'));
    await pathWithUv(tools);
    path = `${join(tools, 'bin')}${delimiter}${process.env.PATH}`;
  });
  afterAll(() => rm(tools, { recursive: true, force: true }));

  const manifest = (name: string, rest: string) =>
    `[project]\nname = "${name}"\nversion = "1.0.0"\nrequires-python = ">=3.9"\n${rest}`;
  const PACKAGED = '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n';

  it.each(['auto', 'copy', 'strict'])(
    'gives each the members that it needs, and what is removed is gone: %s',
    async level => {
      const project = await projectOf({
        'vercel.json': {
          services: {
            api: { root: 'services/api' },
            words: { root: 'services/words', entrypoint: 'words:app' },
            other: { root: 'services/other' },
          },
          ...TO_API,
        },
        'pyproject.toml': '[tool.uv.workspace]\nmembers = ["services/*"]\n',
        'services/api/pyproject.toml': manifest(
          'api',
          'dependencies = ["idna==3.10", "words"]\n[tool.uv.sources]\nwords = { workspace = true }\n',
        ),
        'services/api/app.py':
          'import words\n\ndef app(environ, start_response):\n    start_response("200 OK", [])\n    return [words.NAME]\n',
        'services/words/pyproject.toml': `${PACKAGED}${manifest('words', 'description = "words"\n')}`,
        'services/words/words.py':
          'NAME = b"from words"\n\ndef app(environ, start_response):\n    start_response("200 OK", [])\n    return [NAME]\n',
        'services/other/pyproject.toml': manifest('other', 'dependencies = ["click==8.1.8"]\n'),
        'services/other/app.py':
          'def app(environ, start_response):\n    start_response("200 OK", [])\n    return []\n',
      });
      const lock = () => runProgram('uv', ['lock'], project, { PATH: path });
      const locked = await lock();
      expect(locked.status, locked.output).toBe(0);
      await build(project, ['--isolation', level], { PATH: path });
      const vendored = () =>
        readdirSync(join(project, '.vercel/output/services/api/functions/python.func/_vendor'));
      expect(vendored()).toEqual(expect.arrayContaining(['idna', 'words.py']));
      expect(vendored()).not.toContain('click');
      const { url } = await startDeployment(join(project, '.vercel/output'));
      expect(await (await fetch(url)).text()).toBe('from words');

      await writeFiles(project, {
        'services/api/pyproject.toml': manifest(
          'api',
          'dependencies = ["words"]\n[tool.uv.sources]\nwords = { workspace = true }\n',
        ),
      });
      await lock();
      await build(project, ['--isolation', level, '--filter', 'api'], { PATH: path });
      expect(vendored()).toContain('words.py');
      expect(vendored()).not.toContain('idna');
    },
  );
});
