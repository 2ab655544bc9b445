import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@svc/builder-kit/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from './support/websocket.ts';
import { pathWithUv, workshop } from './support/workshop.ts';

const { project, start } = workshop();

let tools: string;
let withUv: { readonly PATH: string };
beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), 'svc-python-uv-'));
  withUv = { PATH: await pathWithUv(tools) };
});
afterAll(() => rm(tools, { recursive: true, force: true }));

describe('apps are built, copied elsewhere and asked', () => {
  it('FastAPI: HTTP, start-up code and a WebSocket', async () => {
    const { built } = await project({
      'requirements.txt': 'fastapi==0.115.6\n',
      'main.py': `
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request, WebSocket

state = {}

@asynccontextmanager
async def lifespan(app):
    state["ready"] = True
    yield

app = FastAPI(lifespan=lifespan)

@app.get("/items/{number}")
def item(number: int, request: Request):
    internal = [name for name in request.headers if name.startswith("x-vercel-internal")]
    return {"number": number, "ready": state.get("ready"), "scheme": request.url.scheme, "internal": internal}

@app.websocket("/ws")
async def talk(socket: WebSocket):
    await socket.accept()
    await socket.send_text("got " + await socket.receive_text())
`,
    });
    const { function: folder, config, plan } = await built({ slug: 'fastapi' });
    expect(plan.steps.map(step => step.label)).toEqual([
      'install requirements.txt with pip',
      'bundle main:app',
    ]);
    expect(config).toMatchObject({
      framework: { slug: 'fastapi', version: '0.115.6' },
      routes: [{ handle: 'filesystem' }, { src: '/(.*)', dest: '/fastapi' }],
    });
    const { origin, messages } = await start(folder);
    const answer = await fetch(`${origin}/items/7`, {
      headers: { 'x-forwarded-proto': 'https', 'x-vercel-internal-invocation-id': 'abc' },
    });
    expect(await answer.json()).toEqual({ number: 7, ready: true, scheme: 'https', internal: [] });
    expect(await exchange(origin, '/ws', 'hello')).toBe('got hello');
    expect(messages).toEqual(['server-started', 'handler-started', 'end', 'handler-started', 'end']);
  });

  it('Flask: pages, streams and chunked uploads, by an app factory in a package', async () => {
    const { built } = await project({
      'pyproject.toml':
        '[project]\nname = "shop"\nversion = "1.0.0"\ndependencies = ["flask==3.0.3"]\n[tool.vercel]\nentrypoint = "shop:create_app"\n',
      'src/shop/__init__.py': `
from flask import Flask, request, render_template
from .words import greeting

def create_app():
    app = Flask(__name__)

    @app.get("/")
    def index():
        return render_template("index.html", text=greeting)

    @app.post("/upload")
    def upload():
        return {"length": len(request.get_data()), "secure": request.is_secure}

    @app.get("/stream")
    def stream():
        return app.response_class((f"data: {number}\\n\\n" for number in range(3)), mimetype="text/event-stream")

    return app
`,
      'src/shop/words.py': 'greeting = "Grüße"\n',
      'src/shop/templates/index.html': '<p>{{ text }}</p>',
    });
    const { function: folder } = await built({ slug: 'flask' }, withUv);
    const port = await freePort();
    const { origin } = await start(folder, { port });
    expect(origin).toBe(`http://127.0.0.1:${port}`);
    expect(await (await fetch(origin)).text()).toBe('<p>Grüße</p>');
    const parts = new ReadableStream({
      start(controller) {
        for (const part of ['first', 'second']) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const upload = await fetch(`${origin}/upload`, {
      method: 'POST',
      body: parts,
      duplex: 'half',
      headers: { 'x-forwarded-proto': 'https' },
    } as RequestInit);
    expect(await upload.json()).toEqual({ length: 11, secure: true });
    expect(await (await fetch(`${origin}/stream`)).text()).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\n');
  });

  it('Django: by manage.py, its settings and their WSGI application', async () => {
    const { built } = await project({
      'requirements.txt': 'django==4.2.16\n',
      'backend/manage.py':
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_mine.settings")\n',
      'backend/site_of_mine/__init__.py': '',
      'backend/site_of_mine/settings.py': `
SECRET_KEY = "not one"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site_of_mine.urls"
WSGI_APPLICATION = "site_of_mine.wsgi.application"
`,
      'backend/site_of_mine/wsgi.py': `
import os
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_mine.settings")
application = get_wsgi_application()
`,
      'backend/site_of_mine/urls.py': `
from django.http import JsonResponse
from django.urls import path

urlpatterns = [path("hello/<str:name>", lambda request, name: JsonResponse({"hello": name}))]
`,
    });
    const { function: folder, plan } = await built({ slug: 'django' }, withUv);
    expect(plan.entrypoint).toBe('backend/site_of_mine/wsgi.py');
    const { origin } = await start(folder);
    expect(await (await fetch(`${origin}/hello/you`)).json()).toEqual({ hello: 'you' });
    expect((await fetch(`${origin}/nothing`)).status).toBe(404);
  });

  it('Django: the ASGI application, where the settings name one', async () => {
    const { built } = await project({
      'requirements.txt': 'django==4.2.16\n',
      'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")\n',
      'config/__init__.py': '',
      'config/settings.py': `
SECRET_KEY = "not one"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
`,
      'config/asgi.py': `
import os
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()
`,
      'config/urls.py': `
from django.http import JsonResponse
from django.urls import path

async def hello(request, name):
    return JsonResponse({"hello": name, "server": type(request).__name__})

urlpatterns = [path("hello/<str:name>", hello)]
`,
    });
    const { function: folder, plan } = await built({ slug: 'django', entrypoint: 'manage.py' }, withUv);
    expect(plan.entrypoint).toBe('config/asgi.py');
    const { origin } = await start(folder);
    const answer = await (await fetch(`${origin}/hello/you`)).json();
    expect(answer).toEqual({ hello: 'you', server: 'ASGIRequest' });
  });

  it('FastHTML: an app that is made together with its router', async () => {
    const { built } = await project({
      'requirements.txt': 'python-fasthtml\n',
      'main.py': `
from fasthtml.common import *

app, rt = fast_app()

@rt("/")
def get():
    return Titled("Hello", P("from FastHTML"))
`,
    });
    const { function: folder, config } = await built({ slug: 'fasthtml' }, withUv);
    expect(config.framework).toMatchObject({ slug: 'fasthtml' });
    const { origin } = await start(folder);
    expect(await (await fetch(origin)).text()).toContain('from FastHTML');
  });
});

describe('apps without a framework', () => {
  it('a plain WSGI callable needs nothing installed', async () => {
    const { built } = await project({
      'app.py': `
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']}".encode()]
`,
    });
    const { function: folder, plan } = await built();
    expect(plan.steps[0]?.label).toBe('find Python (no dependencies to install)');
    const { origin } = await start(folder, { port: await freePort() });
    expect(await (await fetch(`${origin}/a/b?c=d`)).text()).toBe('GET /a/b?c=d');
  });

  it('a plain ASGI callable in a module of a package', async () => {
    const { built } = await project({
      'service/__init__.py': '',
      'service/web.py': `
from . import text

async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.TEXT})
`,
      'service/text.py': 'TEXT = b"plain"\n',
    });
    const { function: folder } = await built({ entrypoint: 'service/web.py', handler: 'application' });
    const { origin } = await start(folder);
    expect(await (await fetch(origin)).text()).toBe('plain');
  });

  it('a class that handles requests', async () => {
    const { built } = await project({
      'index.py': `
from http.server import BaseHTTPRequestHandler

class handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"handled " + self.path.encode())
`,
    });
    const { origin } = await start((await built()).function);
    expect(await (await fetch(`${origin}/here`)).text()).toBe('handled /here');
  });
});
