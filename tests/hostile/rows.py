"""Hostile and faulty inputs as data: where each stands, what is sent, and how the run must end."""

# ruff: noqa: E501 - rows are read across

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

from tests.hostile.world import RECORDS, WHEELS, Answer, metadata
from tests.support.channel import as_file, record, repodata
from tests.support.server import LoopbackServer

PAGE = "simple/thing/"
SUBDIR = "conda-forge/linux-64"
HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
PACKED = {"Content-Encoding": "gzip"}
_ZEROS = bytes(1 << 24)
_TEN_GB = 600  # times 16 MiB


class Row(NamedTuple):
    """One input."""

    why: str
    place: str  #: which file of the source it stands for: a page, repodata ...
    put: Callable[[LoopbackServer], None]  #: puts it in
    code: int
    words: tuple[str, ...] = ()  #: what the run says
    arguments: tuple[str, ...] = ()


# ---------------------------------------------------------------- makers


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


def link(href: str, text: str = "x", more: str = "") -> str:
    return f'<a href="{href}"{more}>{text}</a>\n'


def metadata_file(sent: Answer) -> Callable[[LoopbackServer], None]:
    """Answer for the METADATA beside the newest wheel, of which the page says that it has one."""
    (old, _), (new, _) = WHEELS.values()
    listed = link(old) + link(new, more=' data-core-metadata="true"')
    body = f"<!DOCTYPE html><html><body>{listed}</body></html>"

    def put(server: LoopbackServer) -> None:
        server.files |= {f"{PAGE}index.html": body.encode(), f"{PAGE}{new}.metadata": metadata()}
        answer(f"{PAGE}{new}.metadata", sent)(server)

    return put


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
def bomb(pack: str, times: int = _TEN_GB, before: bytes = b"") -> bytes:
    """Return 10 GB of zeros, packed."""
    if pack == "zstd":
        maker = zstandard.ZstdCompressor(level=1).compressobj()
        return b"".join(
            [maker.compress(before), *(maker.compress(_ZEROS) for _ in range(times)), maker.flush()]
        )
    if pack == "bz2":
        return bz2.compress(before) + bz2.compress(_ZEROS) * times
    with io.BytesIO() as sink:
        sink.write(gzip.compress(before))
        block = gzip.compress(_ZEROS, 9)
        for _ in range(times):
            sink.write(block)
        return sink.getvalue()


def endless(piece: bytes, start: bytes = b"") -> Callable[[], Iterator[bytes]]:
    def send() -> Iterator[bytes]:
        yield start
        for _ in range(1 << 16):
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


# ---------------------------------------------------------------- rows

_GROWS = ("grows more than 200 times when decompressed",)
_LARGE = ("is larger than 64 MiB",)
_DAMAGED = ("is damaged",)
_SLOW = ("comes too slowly",)

SIZES = (
    Row("a page of 10 GB in gzip", "page", lambda s: page(bomb("gzip"), headers={**HTML, **PACKED})(s), 3, _GROWS),
    Row("a JSON page of 10 GB in gzip", "page",
        lambda s: page_json(bomb("gzip"), headers={**JSON, **PACKED})(s), 3, _GROWS),
    Row("repodata of 10 GB in zstd", "repodata", lambda s: repodata_file(bomb("zstd"), ".zst")(s), 3, _DAMAGED),
    Row("repodata of 10 GB in bz2", "repodata",
        lambda s: (s.files.pop(f"{SUBDIR}/repodata.json"), repodata_file(bomb("bz2"), ".bz2")(s))[0], 3, _DAMAGED),
    Row("repodata of 10 GB in gzip", "repodata",
        lambda s: repodata_file(bomb("gzip"), headers=PACKED)(s), 3, _GROWS),
    Row("repodata with one value of 10 GB", "repodata",
        lambda s: repodata_file(bomb("zstd", before=b'{"packages": {"a": "'), ".zst")(s), 3, _DAMAGED),
    Row("repodata with a foreign key of 10 GB", "repodata",
        lambda s: repodata_file(bomb("zstd", before=b'{"other": {"a": "'), ".zst")(s), 3, _DAMAGED),
    Row("a list of shards of 10 GB in zstd", "shards",
        lambda s: answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(bomb("zstd")))(s), 3, _DAMAGED),
    Row("a page of 2 GB, announced", "page", page(b"<html>", length=2 << 30), 3, _LARGE),
    Row("a page of 2 GB, not announced", "page",
        answer(PAGE, Answer(endless(b"<!-- " + bytes(65531)), headers=HTML)), 3, _LARGE),
    Row("a page whose size has 5,000 digits", "page",
        answer(PAGE, Answer(b"<html>", headers={**HTML, "Content-Length": "9" * 5000}, length=None)), 3),
    Row("a page a byte a second", "page", answer(PAGE, Answer(trickle(b"<html>"), headers=HTML)), 3, _SLOW),
    Row("repodata a byte a second", "repodata",
        answer(f"{SUBDIR}/repodata.json", Answer(trickle(b'{"packages": {'))), 3, _SLOW),
    Row("a header a byte at a time", "page", lambda s: s.misbehave(slow_head, f"/{PAGE}"), 3, _SLOW),
    Row("informational answers without end", "page", lambda s: s.misbehave(endless_head, f"/{PAGE}"), 3,
        ("goes on and on",)),
    Row("a million links", "page", page(b"<html>" + b"<a href=x>" * 1_000_000 + b"</html>"), 3),
)  # fmt: skip

ANSWERS = (
    Row("204 for a page", "page", page(b"", status=204, length=None), 3, ("204",)),
    Row("206 for a whole page", "page", page(b"<html>", status=206), 3, ("206",)),
    Row("304 without having been asked", "page", page(b"", status=304, length=None), 3, ("304",)),
    Row("an empty page", "page", page(b""), 3, ("nothing in it",)),
    Row("a page of blanks", "page", page(b" \n"), 3, ("no index page",)),
    Row("a login page", "page",
        page(b"<html><title>Log in</title><form action=/login><input type=password><a href=/forgot>x</a></form></html>"),
        3, ("no index page",)),
    Row("a page that says it is an error", "page", page(b"<html><h1>Error</h1></html>"), 3, ("no index page",)),
    Row("a page cut in half, its end the connection's", "page",
        page(b"<!DOCTYPE html><html><body><a href=thing-1.0-py3-none-any.whl>thing</a>\n<a hre", length=None), 3,
        ("ends too early",)),
    Row("a page in gzip cut in half", "page",
        page(gzip.compress(b"<html>" + bytes(range(256)) * 99)[:300], headers={**HTML, **PACKED}), 3, ("too early",)),
    Row("a page in an unknown encoding", "page", page(b"x", headers={**HTML, "Content-Encoding": "br"}), 3,
        ("not asked for",)),
    Row("JSON that is HTML", "page", page_json(b"<html></html>"), 3, ("PEP 691",)),
    Row("JSON of an error", "page", page_json({"error": "log in"}), 3, ("PEP 691",)),
    Row("JSON cut in half", "page", page_json(b'{"files": [{"filename": "thing-1.0'), 3, ("PEP 691",)),
    Row("JSON of 100,000 brackets", "page", page_json(b'{"files": ' + b"[" * 100_000), 3, ("PEP 691",)),
    Row("JSON of a version with 5,000 digits", "page",
        page_json({"meta": {"api-version": "9" * 5000}, "files": []}), 3, ("simple API",)),
    Row("a project without files that says so", "page",
        page(b"<!DOCTYPE html><html><title>Links for thing</title><h1>Links for thing</h1></html>"), 4),
    Row("a project without files in JSON", "page", page_json({"meta": {"api-version": "1.0"}, "files": []}), 4),
    Row("a page of a type that is none", "page", page(b"x", headers={"Content-Type": "x/\x7fy"}), 3, ("type",)),
    Row("a page in a character set that is none", "page", page(b"x", headers={"Content-Type": "text/html; charset=x"}),
        3, ("no index page",)),
    Row("a page in a character set that isn't text", "page",
        page(b"x", headers={"Content-Type": "text/html; charset=hex"}), 3, ("no index page",)),
    Row("204 for repodata", "repodata", repodata_file(b"", status=204, length=None), 3, ("204",)),
    Row("empty repodata", "repodata", repodata_file(b""), 3, ("nothing in it",)),
    Row("HTML for repodata", "repodata", repodata_file(b"<html>log in</html>"), 3, _DAMAGED),
    Row("an error in JSON for repodata", "repodata", repodata_file(b'{"error": "log in"}'), 3, _DAMAGED),
    Row("a list for repodata", "repodata", repodata_file(b"[]"), 3, _DAMAGED),
    Row("repodata cut in half", "repodata", repodata_file(as_file(repodata(RECORDS), "")[:300]), 3, _DAMAGED),
    Row("repodata of 100,000 brackets", "repodata", repodata_file(b'{"packages": ' + b"[" * 100_000), 3, _DAMAGED),
    Row("a value of 100,000 brackets in repodata", "repodata",
        repodata_file(b'{"packages": {"a": ' + b"[" * 100_000), 3, _DAMAGED),
    Row("repodata that is no text", "repodata", repodata_file(bytes(range(256)) * 10), 3, _DAMAGED),
    Row("garbage for the list of shards", "shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(b"garbage")), 3, _DAMAGED),
    Row("a list of shards that is a number", "shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(zstandard.compress(b"\x05"))), 3, _DAMAGED),
    Row("a list of shards nested 100,000 times", "shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst", Answer(zstandard.compress(b"\x91" * 100_000))), 3, _DAMAGED),
    Row("a list of shards with a date of the year 10^12", "shards",
        answer(f"{SUBDIR}/repodata_shards.msgpack.zst",
               Answer(zstandard.compress(b"\x81\xa1x\xc7\x0c\xff\x00\x00\x00\x00" + b"\x7f" * 8))), 3, _DAMAGED),
    Row("500 for ever", "page", page(b"no", status=500), 3, ("500",)),
    Row("a status of 999", "page", page(b"no", status=999), 3, ("999",)),
)  # fmt: skip

ADDRESSES = (
    Row("a redirect to a file", "page", lambda s: s.redirect(f"/{PAGE}", "file:///etc/passwd"), 3, ("not http",)),
    Row("a redirect to ftp", "page", lambda s: s.redirect(f"/{PAGE}", "ftp://127.0.0.1/x"), 3, ("not http",)),
    Row("a redirect to no address", "page", lambda s: s.redirect(f"/{PAGE}", "http://[::1/"), 3),
    Row("a redirect to a port of 5,000 digits", "page",
        lambda s: s.redirect(f"/{PAGE}", f"http://127.0.0.1:{'9' * 5000}/"), 3),
    Row("a redirect to port 99999", "page", lambda s: s.redirect(f"/{PAGE}", "http://127.0.0.1:99999/"), 3),
    Row("redirects in a circle", "page", lambda s: s.redirect(f"/{PAGE}", f"/{PAGE}x"), 3, ("redirects more than",)),
    Row("a wheel in a file", "page", links(link("file:///etc/thing-3.0-py3-none-any.whl")), 0),
    Row("an sdist that is a device", "page", links(link("file:///dev/zero#/thing-3.0.tar.gz")), 0),
    Row("a wheel in a file, in JSON", "page",
        files_json({"filename": "thing-3.0-py3-none-any.whl", "url": "file:///etc/x", "hashes": {}}), 0),
    Row("a wheel by ftp", "page", links(link("ftp://127.0.0.1/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel on a port that is none", "page", links(link("http://127.0.0.1:x/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel on a port of 5,000 digits", "page",
        links(link(f"http://127.0.0.1:{'9' * 5000}/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel at half an IPv6 address", "page", links(link("http://[::1/thing-3.0-py3-none-any.whl")), 0),
    Row("a wheel at a name that is no host", "page", links(link("http://a@[x]@/thing-3.0-py3-none-any.whl")), 0),
    Row("an address of a megabyte", "page", links(link("http://h/" + "a" * (1 << 20) + "/thing-3.0-py3-none-any.whl")),
        0),
    Row("a base that is a folder", "page", links('<base href="file:///etc/">'), 4),
    Row("repodata that keeps its packages in a folder", "repodata",
        lambda s: s.files.update({f"{SUBDIR}/repodata.json":
                                  as_file(repodata(RECORDS, info={"base_url": "file:///etc/"}), "")}),
        3, ("not http",)),
)  # fmt: skip

PAGES = (
    Row("a version of 5,000 digits", "page", links(link(f"thing-{'9' * 5000}-py3-none-any.whl")), 0),
    Row("a declaration that is none", "page", links("<![foo[", "<!x"), 3, ("can't be read",)),
    Row("a Requires-Python of 5,000 digits", "page",
        links(link("thing-0.5-py3-none-any.whl", more=f' data-requires-python="&gt;={"9" * 5000}"')), 0),
    Row("a Requires-Python that is none", "page",
        links(link("thing-0.5-py3-none-any.whl", more=' data-requires-python="\x1b[31m((("')), 0),
    Row("a size below 0", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {}, "size": -5}), 0),
    Row("a size of 5,000 digits", "page",
        page_json(b'{"files": [{"filename": "x", "url": "x", "hashes": {}, "size": ' + b"9" * 5000 + b"}]}"), 3,
        ("PEP 691",)),
    Row("a date of the year 99999", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {}, "upload-time": "99999-01-01"}),
        0),
    Row("a date at the end of time", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {},
                    "upload-time": "0001-01-01T00:00:00+23:59"}), 0),
    Row("a hash that is no hash", "page",
        files_json({"filename": "thing-0.5-py3-none-any.whl", "url": "x", "hashes": {"sha256": "\u00fc"}}), 0),
    Row("an escape in a file's name", "page", links(link("thing-\x1b[2J-py3-none-any.whl")), 0),
    Row("a wheel that is none", "wheel",
        answer(f"{PAGE}thing-2.0", Answer(b"garbage", headers={"Content-Type": "x"})), 0),
    Row("a wheel that is empty", "wheel", answer(f"{PAGE}thing-2.0", Answer(b"")), 0),
    Row("a wheel that is not there", "wheel", lambda s: s.files.pop(f"{PAGE}thing-2.0-py3-none-any.whl"), 3),
    # The wheel says the same, and is read instead.
    Row("METADATA of 10 GB", "metadata", metadata_file(Answer(bomb("gzip"), headers=PACKED)), 0),
)  # fmt: skip


def _dependency(text: str) -> Callable[[LoopbackServer], None]:
    return records(odd_record(depends=[text]))


RECORDS_ODD = tuple(
    Row(f"a dependency: {why}", "record", _dependency(text), 3 if "surrogate" in why else 0)
    for why, text in (
        ("20,000 parentheses", "python " + "(" * 20_000 + ">=3" + ")" * 20_000),
        ("10 MB", "python " + ">=3," * 2_500_000 + ">=3"),
        ("a version of 5,000 digits", f"python >={'9' * 5000}"),
        ("a pattern that backtracks", "python ^(a+)+$"),
        ("a build pattern that backtracks", "python * ^(a+)+$"),
        ("a build pattern that is none", "python * ^(((($"),
        ("a glob of 10,000 stars", "python * " + "a*" * 10_000),
        ("brackets without end", "python" + "[" * 20_000),
        ("nothing", ""),
        ("blanks", "   "),
        ("an escape", "python >=\x1b[31m3"),
        ("a newline", "python\n>=3 x"),
        ("a bar of bars", "python " + "|" * 20_000),
        ("5,000 alternatives", "python " + "|".join(f"<0.{n}" for n in range(5000))),
        ("a name of a megabyte", "x" * (1 << 20)),
        ("an operator alone", "python >="),
        ("a NUL", "python >=\0"),
        ("right to left", "python >=\u202e3"),
        ("a lone surrogate", "python >=\ud800"),
        ("a name nobody has", "nobody-has-this >=1"),
    )
) + tuple(
    Row(f"a record: {why}", "record", records(odd_record(**fields)), 0)
    for why, fields in (
        ("no version", {"version": ""}),
        ("a version of 5,000 digits", {"version": "9" * 5000}),
        ("a version of 100,000 dots", {"version": "1" + ".1" * 100_000}),
        ("an epoch of 30 digits", {"version": "9" * 30 + "!1"}),
        ("an escape in its version", {"version": "1\x1b[2J"}),
        ("a version that is a list", {"version": [1]}),
        ("a name that is a number", {"name": 5}),
        ("a build number below 0 and absurd", {"build_number": -(10**30)}),
        ("a build number of 400 digits", {"build_number": 10**400}),
        ("a date that is infinite", {"timestamp": 1e308}),
        ("a date below 0", {"version": "0.5", "timestamp": -5}),
        ("a size below 0", {"version": "0.5", "size": -5}),
        ("a size of 30 digits", {"version": "0.5", "size": 10**30}),
        ("dependencies that are a text", {"depends": "python"}),
        ("dependencies that are numbers", {"depends": [1, 2]}),
        ("a hash that is empty", {"version": "0.5", "sha256": ""}),
        ("a hash that isn't ASCII", {"version": "0.5", "sha256": "\u00fc" * 64}),
        ("track_features that are a number", {"track_features": 7}),
    )
)  # fmt: skip

ROWS: tuple[Row, ...] = (*SIZES, *ANSWERS, *ADDRESSES, *PAGES, *RECORDS_ODD)
