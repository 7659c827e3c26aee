"""An index on loopback that hands every question on to a real one, and counts requests and bytes by kind.

Addresses of files on its pages lead back to it, so that nothing passes it by. What a server behind it
answers is kept for the relay's life: each side of a comparison gets the same, as fast.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import httpx

_FILE = "/file/"  #: how the path of a file begins; its own address follows, without ``https://``
#: Largest body that is kept for the next side, bytes.
_KEPT = 8 << 20
_PASSED_ON = ("accept", "range", "if-none-match", "if-modified-since")
_RETURNED = ("content-type", "content-range", "accept-ranges", "etag", "last-modified", "cache-control")


class Asked(NamedTuple):
    """One request and what came of it."""

    kind: str  #: ``page``, ``metadata``, ``head``, ``range`` or ``archive``
    path: str
    size: int  #: bytes of the body


@dataclass
class Relay:
    """What a relay has heard of since :meth:`begin`."""

    url: str  #: of the index that it gives
    asked: list[Asked] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Forget what was asked."""
        with self._lock:
            self.asked = []

    def note(self, asked: Asked) -> None:
        """Take in one request."""
        with self._lock:
            self.asked.append(asked)

    def totals(self) -> dict[str, tuple[int, int]]:
        """Return (requests, bytes) by kind, and of ``all``."""
        found: dict[str, tuple[int, int]] = {}
        for kind, _, size in self.asked:
            for name in (kind, "all"):
                count, total = found.get(name, (0, 0))
                found[name] = count + 1, total + size
        return found


@contextmanager
def relaying(index: str) -> Iterator[Relay]:
    """Relay to the index at an address."""
    with httpx.Client(timeout=60, follow_redirects=True, limits=httpx.Limits(max_connections=64)) as client:
        server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.daemon_threads = True
        origin = f"http://127.0.0.1:{server.server_address[1]}"
        relay = Relay(f"{origin}/simple")
        server.RequestHandlerClass = _handler(relay, client, index.rstrip("/"), origin)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown()
            server.server_close()


class _Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def _handler(relay: Relay, client: httpx.Client, index: str, origin: str) -> type[BaseHTTPRequestHandler]:
    kept: dict[tuple[str, ...], _Answer] = {}

    def upstream(method: str, path: str, sent: dict[str, str]) -> _Answer:
        key = (method, path, *(f"{name}={sent[name]}" for name in sorted(sent)))
        if key in kept:
            return kept[key]
        is_file = path.startswith(_FILE)
        target = f"https://{path.removeprefix(_FILE)}" if is_file else index + path.removeprefix("/simple")
        done = client.request(method, target, headers={**sent, "accept-encoding": "identity"})
        headers = {name: done.headers[name] for name in _RETURNED if name in done.headers}
        body = done.content
        if method == "HEAD":
            headers["content-length"] = done.headers.get("content-length", "0")
        if not is_file:
            body = body.replace(b'"https://', f'"{origin}{_FILE}'.encode())
        answer = _Answer(done.status_code, headers, body)
        if len(body) <= _KEPT:
            kept[key] = answer
        return answer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one piece: two would wait for each other
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer("GET")

        def do_HEAD(self) -> None:
            self._answer("HEAD")

        def _answer(self, method: str) -> None:
            sent = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            answer = upstream(method, self.path, sent)
            relay.note(Asked(_kind_of(method, self.path, sent), self.path, len(answer.body)))
            self.send_response(answer.status)
            for name, value in ({"content-length": str(len(answer.body))} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _kind_of(method: str, path: str, sent: dict[str, str]) -> str:
    if not path.startswith(_FILE):
        return "page"
    if method == "HEAD":
        return "head"
    if path.endswith(".metadata"):
        return "metadata"
    return "range" if "range" in sent else "archive"
