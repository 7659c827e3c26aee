"""A channel and an index on loopback of which one file is a stranger's, and runs against them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.cli.process import environ
from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.packages import index_files, make_wheel, metadata_text
from tests.support.server import LoopbackServer

#: Runs a command, and writes how much memory it took at its most: a child that this process makes itself
#: begins with this process's own size.
_MEASURE = """
import json, resource, subprocess, sys
place, *command = sys.argv[1:]
code = subprocess.call(command)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(place, "w") as file:
    json.dump(most / (1 << 20 if sys.platform == "darwin" else 1 << 10), file)
sys.exit(code)
"""


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
    mib: float


RECORDS = [
    record("python", "3.12.4"),
    record("thing", "1.0", depends=["python >=3.8"]),
    record("thing", "2.0", depends=["python >=3.8"]),
]
WHEELS = {
    version: (f"thing-{version}-py3-none-any.whl", make_wheel("thing", version)) for version in ("1.0", "2.0")
}


class World:
    """Where a stranger's file is put in, and what asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._count = folder, 0
        self.server = LoopbackServer(_files())

    def write(self, place: str) -> str:
        """Write the file that asks for what stands at ``place``; return its name."""
        if place.startswith(("page", "metadata", "wheel", "sdist")):
            (self.folder / "requirements.txt").write_text("thing\n")
            return "requirements.txt"
        lines = {"name": "x", "channels": ["conda-forge"], "dependencies": ["python", "thing"]}
        (self.folder / "environment.yml").write_text(json.dumps(lines))
        return "environment.yml"

    @property
    def lockfile(self) -> Path:
        """Where every run writes."""
        return self.folder / "conda-lock.yml"

    def run(self, name: str, *more: str, **variables: str) -> Ran:
        """Run the command in a process of its own."""
        self._count += 1
        url = self.server.url
        command = [
            sys.executable, "-m", "lockfiles.cli", name, "-p", "linux-64", "-o", "conda-lock.yml",
            "--channel-alias", url, "--index-url", f"{url}/simple", "--python", "3.12",
            "--virtual-package", "__glibc=2.35", *more,
        ]  # fmt: skip
        place = self.folder / "memory.json"
        done = subprocess.run(
            [sys.executable, "-S", "-c", _MEASURE, str(place), *command],
            cwd=self.folder,
            env=environ(self.folder, LOCK_RETRIES="0", LOCK_TIMEOUT="2", **variables),
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
            timeout=180,
        )
        return Ran(done.returncode, done.stdout, done.stderr, json.loads(place.read_text()))


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
