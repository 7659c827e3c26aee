"""A web server on loopback that serves files and misbehaves as told.

::

    with LoopbackServer({"simple/numpy/": b"<html>..."}) as server:
        server.fail("/simple/numpy/", status=503, times=2)
        fetcher.get(server.url + "/simple/numpy/")
        assert server.paths == ["/simple/numpy/"] * 3
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that reached the server."""

    method: str
    path: str  #: as sent, query included
    headers: Mapping[str, str]  #: names in lower case
    status: int


@dataclass(slots=True, kw_only=True)
class Rule:
    """Misbehaviour for paths that start with ``prefix``; ``times`` None: for ever."""

    prefix: str
    act: Callable[[_Handler], bool]  #: True: it has answered
    times: int | None = None


@dataclass(slots=True)
class LoopbackServer:
    """Serves ``files`` (path without leading slash -> bytes) and the folder ``root``, files first.

    A folder answers with its ``index.html``. Every answer has an ETag; 304 and
    byte ranges are served unless ``etags`` or ``ranges`` is False.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    root: Path | None = None
    etags: bool = True
    ranges: bool = True
    extra_headers: dict[str, dict[str, str]] = field(default_factory=dict)  #: path prefix -> headers to add
    seen: list[Seen] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    tls: ssl.SSLContext | None = None  #: speaks https with it
    _server: ThreadingHTTPServer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> LoopbackServer:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self  # type: ignore[attr-defined]
        if self.tls:  # hands are shaken by the thread that serves the connection
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def with_user(self, user: str, password: str) -> str:
        """Address of the server with user information."""
        return f"http://{user}:{password}@127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """Paths asked for, in order of arrival."""
        return [seen.path for seen in self.seen]

    def count(self, prefix: str) -> int:
        return sum(path.startswith(prefix) for path in self.paths)

    def fail(
        self, prefix: str, *, status: int, times: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer with an error status."""
        sent = dict(headers or {})
        self._rule(prefix, times, lambda handler: handler.answer(status, b"no", sent))

    def redirect(self, prefix: str, to: str, *, status: int = 302) -> None:
        """Send everything under ``prefix`` to ``to`` + the rest of its path."""

        def act(handler: _Handler) -> bool:
            return handler.answer(status, b"", {"Location": to + handler.path[len(prefix) :]})

        self._rule(prefix, None, act)

    def truncate(self, prefix: str, *, times: int | None = None) -> None:
        """Announce the whole body, send half of it, and hang up."""
        self._rule(prefix, times, lambda handler: handler.answer_half())

    def drop(self, prefix: str, *, times: int | None = None) -> None:
        """Hang up without a word."""
        self._rule(prefix, times, lambda handler: handler.hang_up())

    def slow(self, prefix: str, seconds: float, *, times: int | None = None) -> None:
        """Wait before answering as usual."""

        def act(_: _Handler) -> bool:
            time.sleep(seconds)
            return False

        self._rule(prefix, times, act)

    def misbehave(self, act: Callable[[_Handler], bool], prefix: str = "/") -> None:
        """Let ``act`` see every request first; where it returns True it has answered."""
        self._rule(prefix, None, act)

    def require_basic(self, user: str, password: str, prefix: str = "/", *, status: int = 401) -> None:
        """Refuse requests without this user and password."""
        wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._require(prefix, lambda handler: handler.headers.get("Authorization") == wanted, status)

    def require_bearer(self, token: str, prefix: str = "/", *, status: int = 401) -> None:
        """Refuse requests without this bearer token."""
        wanted = f"Bearer {token}"
        self._require(prefix, lambda handler: handler.headers.get("Authorization") == wanted, status)

    def require_token(self, token: str, *, status: int = 401) -> None:
        """Serve only paths that start with ``/t/TOKEN/``, as the path behind it."""

        def act(handler: _Handler) -> bool:
            start = f"/t/{token}/"
            if not handler.path.startswith(start):
                return handler.answer(status, b"no token")
            handler.served_path = handler.path[len(start) - 1 :]
            return False

        self._rule("/", None, act)

    def _require(self, prefix: str, allowed: Callable[[_Handler], bool], status: int) -> None:
        def act(handler: _Handler) -> bool:
            challenge = {"WWW-Authenticate": 'Basic realm="test"'} if status == 401 else {}
            return False if allowed(handler) else handler.answer(status, b"who are you?", challenge)

        self._rule(prefix, None, act)

    def _rule(self, prefix: str, times: int | None, act: Callable[[_Handler], bool]) -> None:
        self.rules.append(Rule(prefix=prefix, act=act, times=times))

    def take(self, path: str) -> list[Rule]:
        """Rules that apply to a request, counted down."""
        with self._lock:
            found = [rule for rule in self.rules if path.startswith(rule.prefix) and rule.times != 0]
            for rule in found:
                if rule.times is not None:
                    rule.times -= 1
            return found

    def find(self, path: str) -> tuple[str, bytes] | None:
        """Body of a path and the name it has there; None: nothing there."""
        name = unquote(path.partition("?")[0]).lstrip("/")
        for choice in (name, name.rstrip("/") + "/index.html" if name else "index.html"):
            if choice in self.files:
                return choice, self.files[choice]
            if self.root and (self.root / choice).is_file():
                return choice, (self.root / choice).read_bytes()
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for head and body: two would wait for each other's acknowledgement
    disable_nagle_algorithm = True
    server: Any
    served_path: str

    def do_GET(self) -> None:
        owner: LoopbackServer = self.server.owner
        self.served_path = self.path
        for rule in owner.take(self.path):
            if rule.act(self):
                return
        found = owner.find(self.served_path)
        if found is None:
            self.answer(404, b"nothing here")
            return
        self._answer_file(*found)

    do_HEAD = do_GET  # noqa: N815

    def _answer_file(self, name: str, body: bytes) -> None:
        owner: LoopbackServer = self.server.owner
        headers = {"Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream"}
        if name.endswith("/"):
            headers["Content-Type"] = "text/html"
        for prefix, extra in owner.extra_headers.items():
            if self.path.startswith(prefix):
                headers |= extra
        if owner.etags:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            if self.headers.get("If-None-Match") == headers["ETag"]:
                self.answer(304, b"", headers)
                return
        wanted = self.headers.get("Range", "")
        if owner.ranges and wanted.startswith("bytes="):
            self._answer_range(wanted[6:], body, headers)
            return
        self.answer(200, body, headers)

    def _answer_range(self, wanted: str, body: bytes, headers: dict[str, str]) -> None:
        first, _, last = wanted.partition("-")
        start = int(first) if first else max(0, len(body) - int(last))
        end = min(int(last), len(body) - 1) if first and last else len(body) - 1
        if start >= len(body):
            self.answer(416, b"", headers | {"Content-Range": f"bytes */{len(body)}"})
            return
        headers = headers | {"Content-Range": f"bytes {start}-{end}/{len(body)}"}
        self.answer(206, body[start : end + 1], headers)

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bool:
        owner: LoopbackServer = self.server.owner
        owner.seen.append(self._seen(status))
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return True

    def answer_half(self) -> bool:
        owner: LoopbackServer = self.server.owner
        found = owner.find(self.served_path)
        body = found[1] if found else b"something"
        owner.seen.append(self._seen(200))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True
        return True

    def hang_up(self) -> bool:
        owner: LoopbackServer = self.server.owner
        owner.seen.append(self._seen(0))
        self.close_connection = True
        return True

    def _seen(self, status: int) -> Seen:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Seen(method=self.command, path=self.path, headers=headers, status=status)

    def log_message(self, *args: Any) -> None:
        """Stay silent."""
