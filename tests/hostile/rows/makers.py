"""What rows are made of: answers, pages, records, bombs."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import zstandard

from tests.hostile.world import PAGE, PLACES, RECORDS, SUBDIR, WHEELS, Answer, link
from tests.support.channel import as_file, record, repodata
from tests.support.server import LoopbackServer

HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
PACKED = {"Content-Encoding": "gzip"}
ZEROS = bytes(1 << 24)
TEN_GB = 600  # times 16 MiB


class Row(NamedTuple):
    """One input."""

    why: str
    place: str  #: which file of the source it stands for: a page, repodata ...
    put: Callable[[LoopbackServer], None]  #: puts it in
    code: int
    words: tuple[str, ...] = ()  #: what the run says
    arguments: tuple[str, ...] = ()
    version: str = ""  #: of ``thing``, in the lockfile


def answer(path: str, sent: Answer) -> Callable[[LoopbackServer], None]:
    """Answer at a path: at this one alone where it is a folder's."""

    def act(handler: Any) -> bool:
        return (handler.path == f"/{path}" or not path.endswith("/")) and sent.send(handler)

    return lambda server: server.misbehave(act, f"/{path}")


def page(body: bytes, **more: Any) -> Callable[[LoopbackServer], None]:
    return answer(PAGE, Answer(body, **{"headers": HTML, **more}))


def page_json(value: Any, **more: Any) -> Callable[[LoopbackServer], None]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return answer(PAGE, Answer(body, **{"headers": JSON, **more}))


def metadata_file(sent: Answer) -> Callable[[LoopbackServer], None]:
    """Answer for the METADATA beside the newest wheel."""
    return answer(PLACES["METADATA"].path, sent)


def links(*lines: str) -> Callable[[LoopbackServer], None]:
    """A page with odd links in front of the good ones."""
    good = [link(name) for name, _ in WHEELS.values()]
    body = "<!DOCTYPE html><html><body>" + "".join([*lines, *good]) + "</body></html>"

    def put(server: LoopbackServer) -> None:
        server.files[f"{PAGE}index.html"] = body.encode("utf-8", "surrogatepass")

    return put


def files_json(*odd: Any, **meta: Any) -> Callable[[LoopbackServer], None]:
    good = [{"filename": name, "url": name, "hashes": {}} for name, _ in WHEELS.values()]
    return page_json({"meta": {"api-version": "1.1"}, "name": "thing", "files": [*odd, *good], **meta})


def repodata_file(body: bytes, ending: str = "", **more: Any) -> Callable[[LoopbackServer], None]:
    return answer(f"{SUBDIR}/repodata.json{ending}", Answer(body, **more))


def records(*odd: Mapping[str, Any]) -> Callable[[LoopbackServer], None]:
    """Repodata with odd records beside the good ones."""
    contents = repodata([*RECORDS])
    for number, entry in enumerate(odd):
        contents["packages.conda"][f"thing-odd-{number}.conda"] = dict(entry)

    def put(server: LoopbackServer) -> None:
        server.files[f"{SUBDIR}/repodata.json"] = as_file(contents, "repodata.json")

    return put


def odd_record(**fields: Any) -> dict[str, Any]:
    """A record that would be chosen if it were as it should be."""
    return {**record("thing", "3.0", depends=["python >=3.8"]), **fields}


@functools.cache
def bomb(pack: str, times: int = TEN_GB, before: bytes = b"") -> bytes:
    """Return 10 GB of zeros, packed."""
    if pack == "zstd":
        maker = zstandard.ZstdCompressor(level=1).compressobj()
        return b"".join(
            [maker.compress(before), *(maker.compress(ZEROS) for _ in range(times)), maker.flush()]
        )
    if pack == "bz2":
        return bz2.compress(before) + bz2.compress(ZEROS) * times
    with io.BytesIO() as sink:
        sink.write(gzip.compress(before))
        block = gzip.compress(ZEROS, 9)
        for _ in range(times):
            sink.write(block)
        return sink.getvalue()


def endless(piece: bytes, start: bytes = b"") -> Callable[[], Iterator[bytes]]:
    def send() -> Iterator[bytes]:
        yield start
        for _ in range(20_000):
            yield piece

    return send


def trickle(start: bytes, seconds: float = 1.0) -> Callable[[], Iterator[bytes]]:
    def send() -> Iterator[bytes]:
        yield start
        for _ in range(60):
            time.sleep(seconds)
            yield b" "

    return send


def slow_head(handler: Any) -> bool:
    """Send a header a byte at a time."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(60):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.5)
    except OSError:
        pass
    return True


def endless_head(handler: Any) -> bool:
    """Send informational answers without end."""
    handler.close_connection = True
    try:
        for _ in range(1 << 20):
            handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 1000)
    except OSError:
        pass
    return True
