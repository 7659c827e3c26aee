"""A channel and an index on loopback of which one file is a stranger's, and runs against them.

``PLACES`` are the kinds of files that a lock reads from a server: each has the line that makes the
command ask for it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from tests.cli.process import environ
from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.packages import index_files, make_sdist, make_wheel, metadata_text
from tests.support.server import LoopbackServer

#: Runs a command, and writes how much memory it took at its most: a child that this process makes itself
#: begins with this process's own size.
_MEASURE = """
import json, resource, subprocess, sys
place, *command = sys.argv[1:]
code = subprocess.call(command)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(place, "w") as file:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    json.dump([most / unit, used.ru_utime + used.ru_stime, used.ru_oublock / 2048], file)
sys.exit(code)
"""


_PATIENCE = 180.0  #: seconds; a run that takes longer hangs


class Answer(NamedTuple):
    """What a server sends in place of a file."""

    body: bytes | Callable[[], Iterator[bytes]] = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    length: int | None = -1  #: of Content-Length; -1: as it is; None: the end of the connection ends the body

    def send(self, handler: Any) -> bool:
        """Answer a request; a client that hangs up ends it."""
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        length = self.length
        if length == -1:
            length = len(self.body) if isinstance(self.body, bytes) else None
        if length is not None:
            handler.send_header("Content-Length", str(length))
        handler.send_header("Connection", "close")  # else the next request may go to a closed one
        handler.close_connection = True
        handler.end_headers()
        try:
            for piece in (self.body,) if isinstance(self.body, bytes) else self.body():
                handler.wfile.write(piece)
                handler.wfile.flush()
        except OSError:
            pass
        return True


class Ran(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str
    mib: float  #: of memory, at the most
    seconds: float
    cpu: float  #: seconds
    disk: float  #: MiB written


def _unpacked(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


RECORDS = [
    record("python", "3.12.4"),
    record("thing", "1.0", depends=["python >=3.8"]),
    record("thing", "2.0", depends=["python >=3.8"]),
]
WHEELS = {
    version: (f"thing-{version}-py3-none-any.whl", make_wheel("thing", version)) for version in ("1.0", "2.0")
}


class Place(NamedTuple):
    """A kind of file that is read from a server."""

    path: str  #: on the server; of a page with a slash behind it
    asks: str = "thing\n"  #: a requirements.txt, ``{url}`` the server's address
    is_conda: bool = False  #: asked for by an environment.yml instead
    files: Mapping[str, bytes] = {}  #: beside those that are always there
    without: tuple[str, ...] = ()  #: paths that are not there
    version: str = "2.0"  #: what is locked where all is well
    headers: Mapping[str, str] = {}


class World:
    """Where a stranger's file is put in, and what asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = LoopbackServer(_files())

    def write(self, name: str) -> str:
        """Have a place's files on the server, and write what asks for them; return that file's name."""
        place = PLACES[name]
        self.server.files |= place.files
        for path in place.without:
            self.server.files.pop(path, None)
        if place.is_conda:
            lines = {"name": "x", "channels": ["conda-forge"], "dependencies": ["python", "thing"]}
            (self.folder / "environment.yml").write_text(json.dumps(lines))
            return "environment.yml"
        (self.folder / "requirements.txt").write_text(place.asks.format(url=self.server.url))
        return "requirements.txt"

    def mend(self, name: str) -> None:
        """Have everything on the server as it should be."""
        self.server.rules.clear()
        self.server.files = _files()
        self.write(name)

    @property
    def lockfile(self) -> Path:
        """Where every run writes."""
        return self.folder / "conda-lock.yml"

    def run(self, name: str, *more: str, **variables: str) -> Ran:
        """Run the command in a process of its own."""
        url = self.server.url
        command = [
            sys.executable, "-m", "lockfiles.cli", name, "-p", "linux-64", "-o", "conda-lock.yml",
            "--channel-alias", url, "--index-url", f"{url}/simple", "--python", "3.12",
            "--virtual-package", "__glibc=2.35", *more,
        ]  # fmt: skip
        place, temporary, begun = self.folder / "used.json", self.folder / "tmp", time.monotonic()
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", _MEASURE, str(place), *command],
            cwd=self.folder,
            env=environ(self.folder, LOCK_RETRIES="0", LOCK_TIMEOUT="2", TMPDIR=str(temporary), **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return Ran(-1, out, f"it hangs\n{err}", 0.0, _PATIENCE, _PATIENCE, 0.0)
        seconds = time.monotonic() - begun
        mib, cpu, disk = json.loads(place.read_text())
        return Ran(process.returncode, out, err, mib, seconds, cpu, disk)


def _files() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for subdir, contents in (("linux-64", repodata(RECORDS)), ("noarch", repodata())):
        found[f"conda-forge/{subdir}/repodata.json"] = as_file(contents, "repodata.json")
    found |= index_files({"thing": dict(WHEELS.values())})
    return found


def shards() -> dict[str, bytes]:
    """Return the sharded form of the channel: path -> bytes."""
    return {f"conda-forge/linux-64/{name}": data for name, data in as_shards(repodata(RECORDS)).items()}


def metadata(version: str = "2.0", **headers: str) -> bytes:
    """Return a METADATA file."""
    return metadata_text("thing", version, (), **headers).encode()


def sdist() -> bytes:
    """Return an sdist of 3.0 that says without a build what it requires."""
    return make_sdist("thing", "3.0", {"PKG-INFO": metadata_text("thing", "3.0", metadata_version="2.2")})


def link(href: str, text: str = "x", more: str = "") -> str:
    """Return a line of a page."""
    return f'<a href="{href}"{more}>{text}</a>\n'


def listing(*lines: str) -> bytes:
    """Return a page of links."""
    return f"<!DOCTYPE html><html><body>{''.join(lines)}</body></html>".encode()


PAGE, SUBDIR = "simple/thing/", "conda-forge/linux-64"
_OLD, _NEW = (name for name, _ in WHEELS.values())
_HTML = {"Content-Type": "text/html"}
_SHARDS = shards()
_SHARD = next(path for path, data in _SHARDS.items() if "/shards/" in path and b"thing" in _unpacked(data))
_DESCRIBED = listing(link(_OLD), link(_NEW, more=' data-core-metadata="true"'))
PLACES: dict[str, Place] = {
    "page": Place(PAGE, headers=_HTML),
    "JSON page": Place(PAGE, headers={"Content-Type": "application/vnd.pypi.simple.v1+json"}),
    "list of links": Place(
        "links/", "--no-index\n--find-links {url}/links/\nthing\n", headers=_HTML,
        files={"links/index.html": listing(link(_NEW)), f"links/{_NEW}": WHEELS["2.0"][1]},
    ),
    "METADATA": Place(
        f"{PAGE}{_NEW}.metadata",
        files={f"{PAGE}index.html": _DESCRIBED, f"{PAGE}{_NEW}.metadata": metadata()},
    ),
    "wheel": Place(f"{PAGE}{_NEW}"),
    "sdist": Place(
        f"{PAGE}thing-3.0.tar.gz", version="3.0",
        files={
            f"{PAGE}index.html": listing(link(_OLD), link("thing-3.0.tar.gz")),
            f"{PAGE}thing-3.0.tar.gz": sdist(),
        },
    ),
    "direct wheel": Place(f"{PAGE}{_NEW}", f"thing @ {{url}}/{PAGE}{_NEW}\n"),
    "included file": Place("more.txt", "-r {url}/more.txt\n", files={"more.txt": b"thing\n"}),
    "repodata": Place(f"{SUBDIR}/repodata.json", is_conda=True),
    "repodata in zstd": Place(
        f"{SUBDIR}/repodata.json.zst", is_conda=True, without=(f"{SUBDIR}/repodata.json",),
        files={f"{SUBDIR}/repodata.json.zst": as_file(repodata(RECORDS), "repodata.json.zst")},
    ),
    "list of shards": Place(f"{SUBDIR}/repodata_shards.msgpack.zst", is_conda=True, files=_SHARDS),
    "shard": Place(_SHARD, is_conda=True, files=_SHARDS),
}  # fmt: skip
