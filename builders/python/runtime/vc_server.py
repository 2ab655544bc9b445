"""Serves the app of a service that svc built. Needs nothing but Python, and uvicorn for ASGI apps.

Listens on PORT, or on a free port when that is not set. With VERCEL_IPC_PATH it tells the port, and when requests begin and
end, over that Unix socket: JSON messages, each followed by a NUL byte (section 5.1 of svc's services reference).
"""

import contextlib
import http.server
import importlib
import inspect
import io
import json
import os
import signal
import socket
import socketserver
import sys
import threading
import time
import traceback
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

PING = "/_vercel/ping"
INVOCATION = "x-vercel-internal-invocation-id"
REQUEST = "x-vercel-internal-request-id"
INTERNAL = "x-vercel-internal-"
MAX_LINE = 65536

_started = time.monotonic()
_channel = None
_channel_lock = threading.Lock()


def main(module, attribute):
    sys.stdout.reconfigure(line_buffering=True)
    try:
        app = getattr(importlib.import_module(module), attribute)
    except Exception:
        fail(f"could not load {module}:{attribute}\n{traceback.format_exc()}")
    listener = listen()
    if inspect.isclass(app) and issubclass(app, http.server.BaseHTTPRequestHandler):
        serve_threads(listener, handler_class(app))
    elif is_asgi(app):
        serve_asgi(listener, app)
    elif callable(app):
        serve_threads(listener, wsgi_class(app))
    else:
        fail(f"{module}:{attribute} is neither an ASGI nor a WSGI app, but {type(app).__name__}")


def fail(message):
    print(message, file=sys.stderr, flush=True)
    tell("unrecoverable-error", {"exitCode": 1, "message": message})
    sys.exit(1)


def listen():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port = os.environ.get("PORT") or "0"
    try:
        listener.bind(("127.0.0.1", int(port)))
    except OSError as error:
        fail(f"cannot listen on port {port}: {error.strerror}")
    listener.listen(2048)
    return listener


def is_asgi(app):
    """An ASGI app is awaited or takes three arguments; a WSGI app takes two."""
    call = app if inspect.isroutine(app) else getattr(app, "__call__", app)
    if inspect.iscoroutinefunction(call):
        return True
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [each for each in parameters if each.default is each.empty and each.kind < each.VAR_POSITIONAL]
    return len(needed) == 3


# What the caller is told


def tell(kind, payload):
    global _channel
    path = os.environ.get("VERCEL_IPC_PATH")
    if not path:
        return
    with _channel_lock, contextlib.suppress(OSError):
        if _channel is None:
            _channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            _channel.connect(path)
        _channel.sendall(json.dumps({"type": kind, "payload": payload}).encode() + b"\0")


def tell_ready(listener):
    duration = int((time.monotonic() - _started) * 1000)
    tell("server-started", {"initDuration": duration, "httpPort": listener.getsockname()[1]})


class Invocation:
    """One request, for the caller: begins when it is made, ends once."""

    def __init__(self, invocation, request):
        number = int(request) if request and request.isdigit() else 0
        self.context = {"invocationId": invocation or "0", "requestId": number}
        self.ended = False
        tell("handler-started", {"handlerStartedAt": int(time.time() * 1000), "context": self.context})

    def end(self):
        if not self.ended:
            self.ended = True
            tell("end", {"context": self.context})


# ASGI


def serve_asgi(listener, app):
    uvicorn = find_uvicorn()

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets=sockets)
            if self.started:
                tell_ready(listener)

    # Without a configuration of its own, what it logs goes where the app has everything logged: to stderr by default.
    server = Server(uvicorn.Config(observed(app), log_config=None, access_log=False, timeout_graceful_shutdown=10))
    server.run(sockets=[listener])
    if not server.started:
        fail("the app's start-up (lifespan) failed")


def find_uvicorn():
    with contextlib.suppress(ImportError):
        # Complete with WebSockets, which an app's own uvicorn may be without.
        from vercel_runtime._vendor import uvicorn

        return uvicorn
    try:
        import uvicorn
    except ImportError:
        fail("this is an ASGI app, and no uvicorn is installed: add uvicorn to its dependencies")
    return uvicorn


def observed(app):
    async def serve(scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await app(scope, receive, send)
        if scope["path"] == PING:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            return await send({"type": "http.response.body", "body": b"OK"})
        told = {key: value.decode("latin-1") for key, value in scope["headers"] if key.startswith(INTERNAL.encode())}
        headers = [pair for pair in scope["headers"] if pair[0] not in told]
        invocation = Invocation(told.get(INVOCATION.encode()), told.get(REQUEST.encode()))

        async def watched(message):
            await send(message)
            # Once a WebSocket is open, the request that opened it is over.
            if message["type"] in ("websocket.accept", "websocket.close"):
                invocation.end()

        try:
            await app({**scope, "headers": headers}, receive, watched)
        finally:
            invocation.end()

    return serve


# WSGI, and classes that handle requests themselves


class ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self):
        # The listener is bound, and the name of this machine is nobody's concern: looking it up may take seconds.
        self.server_name, self.server_port = self.socket.getsockname()
        self.server_address = self.socket.getsockname()
        self.setup_environ()


def serve_threads(listener, handler):
    server = ThreadingServer(listener.getsockname(), handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_bind()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    tell_ready(listener)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


def take_internal(headers):
    told = {name.lower(): value for name, value in headers.items() if name.lower().startswith(INTERNAL)}
    for name in told:
        del headers[name]
    return Invocation(told.get(INVOCATION), told.get(REQUEST))


def handler_class(base):
    class Handler(base):
        def parse_request(self):
            if not super().parse_request():
                return False
            if self.path == PING:
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return False
            self.invocation = take_internal(self.headers)
            return True

        def handle_one_request(self):
            self.invocation = None
            try:
                super().handle_one_request()
            finally:
                if self.invocation:
                    self.invocation.end()

        def log_message(self, *_):
            pass

    return Handler


def wsgi_class(app):
    class Handler(WSGIRequestHandler):
        def handle(self):
            self.raw_requestline = self.rfile.readline(MAX_LINE + 1)
            if len(self.raw_requestline) > MAX_LINE:
                self.requestline = self.request_version = self.command = ""
                self.send_error(414)
                return
            if not self.parse_request():
                return
            if self.path == PING:
                self.send_response(200)
                self.end_headers()
                return
            invocation = take_internal(self.headers)
            try:
                self.answer()
            finally:
                invocation.end()

        def answer(self):
            body = self.rfile
            if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
                try:
                    body = io.BytesIO(read_chunks(self.rfile))
                except ValueError:
                    self.send_error(400)
                    return
                del self.headers["Transfer-Encoding"]
                del self.headers["Content-Length"]
                self.headers["Content-Length"] = str(len(body.getvalue()))
            environ = self.get_environ()
            if self.headers.get("X-Forwarded-Proto", "").split(",")[0].strip() == "https":
                environ["HTTPS"] = "on"
            handler = ServerHandler(body, self.wfile, sys.stderr, environ, multithread=True)
            handler.request_handler = self
            handler.run(app)

        def log_message(self, *_):
            pass

    return Handler


def read_chunks(stream):
    """The body of a chunked request: WSGI apps read by length."""
    chunks = []
    while True:
        size = int(stream.readline(MAX_LINE).split(b";")[0].strip(), 16)
        if size == 0:
            break
        chunk = stream.read(size)
        if len(chunk) != size:
            raise ValueError("the request ended early")
        chunks.append(chunk)
        stream.readline(MAX_LINE)
    while stream.readline(MAX_LINE) not in (b"\r\n", b"\n", b""):
        pass
    return b"".join(chunks)
