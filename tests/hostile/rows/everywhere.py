"""Each fault of a server at each kind of file that is read from one."""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from tests.hostile.rows.makers import PACKED, Row, bomb, endless, slow_head, trickle
from tests.hostile.world import PLACES, Answer, Place
from tests.support.server import LoopbackServer

_LOGIN = (
    b"<html><title>Log in</title><form action=/login><input type=password><a href=/forgot>x</a></form></html>"
)


class _Fault(NamedTuple):
    """A way to answer; ``body`` is what should have been sent."""

    why: str
    act: Callable[[Any, bytes, Mapping[str, str]], bool]


def _answer(sent: Answer, *, typed: bool = True) -> Callable[[Any, bytes, Mapping[str, str]], bool]:
    def act(handler: Any, _body: bytes, headers: Mapping[str, str]) -> bool:
        return sent._replace(headers={**(headers if typed else {}), **sent.headers}).send(handler)

    return act


def _changed(change: Callable[[bytes], Answer]) -> Callable[[Any, bytes, Mapping[str, str]], bool]:
    def act(handler: Any, body: bytes, headers: Mapping[str, str]) -> bool:
        sent = change(body)
        return sent._replace(headers={**headers, **sent.headers}).send(handler)

    return act


def _raw(*parts: bytes) -> Callable[[Any, bytes, Mapping[str, str]], bool]:
    def act(handler: Any, body: bytes, _headers: Mapping[str, str]) -> bool:
        handler.close_connection = True
        for part in parts:
            handler.wfile.write(part.replace(b"BODY", body))
        return True

    return act


def _silent(handler: Any, _body: bytes, _headers: Mapping[str, str]) -> bool:
    handler.close_connection = True
    time.sleep(3)
    return True


def _to(location: str) -> Callable[[Any, bytes, Mapping[str, str]], bool]:
    return _answer(Answer(status=302, headers={"Location": location}), typed=False)


FAULTS: tuple[_Fault, ...] = (
    _Fault("204", _answer(Answer(status=204, length=None))),
    _Fault("205", _answer(Answer(status=205))),
    _Fault("304 without having been asked", _answer(Answer(status=304, length=None))),
    _Fault("an empty body", _answer(Answer())),
    _Fault("blanks", _answer(Answer(b"  \r\n \n"))),
    _Fault("a login page", _answer(Answer(_LOGIN, headers={"Content-Type": "text/html"}))),
    _Fault("an error in JSON", _answer(Answer(b'{"error": "log in", "message": "\\u001b[2J"}', headers={"Content-Type": "application/json"}))),
    _Fault("garbage", _answer(Answer(bytes(range(256)) * 40))),
    _Fault("NULs", _answer(Answer(bytes(5000)))),
    _Fault("100,000 opening brackets", _answer(Answer(b"[" * 100_000))),
    _Fault("an endless line", _answer(Answer(endless(b"x" * 65_536)))),
    _Fault("its first half, announced as a whole", _changed(lambda body: Answer(body[: len(body) // 2], length=len(body)))),
    _Fault("9 GB, announced", _changed(lambda body: Answer(body, length=9 << 30))),
    _Fault("a length of 5,000 digits", _changed(lambda body: Answer(body, headers={"Content-Length": "9" * 5000}, length=None))),
    _Fault("a length below 0", _changed(lambda body: Answer(body, headers={"Content-Length": "-5"}, length=None))),
    _Fault("two lengths", _changed(lambda body: Answer(body, headers={"Content-Length": "3"}))),
    _Fault("gzip that is none", _changed(lambda body: Answer(body, headers=PACKED))),
    _Fault("gzip cut in half", _changed(lambda body: Answer(gzip.compress(body)[:-12], headers=PACKED))),
    _Fault("gzip in gzip", _changed(lambda body: Answer(gzip.compress(gzip.compress(body)), headers={"Content-Encoding": "gzip, gzip"}))),
    _Fault("an encoding nobody asked for", _changed(lambda body: Answer(body, headers={"Content-Encoding": "br"}))),
    _Fault("10 GB in gzip", lambda handler, _, headers: Answer(bomb("gzip"), headers={**headers, **PACKED}).send(handler)),
    _Fault("a byte a second", _answer(Answer(trickle(b"<")))),
    _Fault("a header a byte at a time", lambda handler, *_: slow_head(handler)),
    _Fault("silence", _silent),
    _Fault("nothing at all", lambda handler, *_: handler.hang_up()),
    _Fault("a chunk whose size is none", _raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nBODY\r\n0\r\n\r\n")),
    _Fault("chunks without the last one", _raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<html\r\n")),
    _Fault("a status line that is none", _raw(b"SSH-2.0-server\r\n\r\n")),
    _Fault("a header of 200 KB", _raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\nContent-Length: 0\r\n\r\n")),
    _Fault("100,000 headers", _raw(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 100_000 + b"Content-Length: 0\r\n\r\n")),
    _Fault("an escape in the reason", _raw(b"HTTP/1.1 418 \x1b[2Jteapot\r\nContent-Length: 0\r\n\r\n")),
    _Fault("402", _answer(Answer(b"pay", status=402))),
    _Fault("429 until the year 10^9", _answer(Answer(b"slow down", status=429, headers={"Retry-After": "9" * 12}))),
    _Fault("503 with a date that is none", _answer(Answer(b"no", status=503, headers={"Retry-After": "Thu, 99 Foo 99999"}))),
    _Fault("a redirect to a file", _to("file:///etc/passwd")),
    _Fault("a redirect to a script", _to("javascript:alert(1)")),
    _Fault("a redirect to itself", lambda handler, *_: handler.answer(302, b"", {"Location": handler.path})),
    _Fault("a redirect to a port that is none", _to("http://127.0.0.1:99999/x")),
    _Fault("a redirect to half an address", _to("http://[::1")),
    _Fault("a redirect to a megabyte", _to("http://127.0.0.1/" + "a" * 60_000)),
)  # fmt: skip

_NO_FILES = ("a login page", "an error in JSON", "garbage", "NULs", "100,000 opening brackets")
#: What ends otherwise than with 3, by place, each with why.
OTHERWISE: dict[str, dict[str, int]] = {
    # The wheel is read instead: nothing is lost by a bad METADATA file beside it.
    "METADATA": dict.fromkeys((fault.why for fault in FAULTS), 0),
    # What the user's own line names is no archive: that line is at fault. The first bytes show it, whatever follows.
    "direct wheel": dict.fromkeys(
        (
            *_NO_FILES,
            "an empty body",
            "blanks",
            "an endless line",
            "10 GB in gzip",
            "a byte a second",
            "chunks without the last one",
        ),
        2,
    ),
    # What the user includes has lines that are none; one with nothing in it but blanks asks for nothing.
    "included file": dict.fromkeys(_NO_FILES, 2) | {"blanks": 0},
}


def _put(fault: _Fault, place: Place, server: LoopbackServer) -> None:
    found = server.find(place.path)
    assert found is not None
    body = found[1]

    def act(handler: Any) -> bool:
        is_it = handler.path.partition("?")[0] == f"/{place.path}"
        return is_it and fault.act(handler, body, place.headers)

    server.misbehave(act, f"/{place.path}")


EVERYWHERE: tuple[Row, ...] = tuple(
    Row(
        f"{fault.why}, for: {name}", name, partial(_put, fault, place), OTHERWISE.get(name, {}).get(fault.why, 3),
        version=place.version if name == "METADATA" else "",
    )
    for name, place in PLACES.items()
    if name != "JSON page"  # of which the rows of answers tell
    for fault in FAULTS
)  # fmt: skip
