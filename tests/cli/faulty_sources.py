"""Sources on loopback that misbehave at their n-th request, and the runs that meet them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.end_to_end.inside import run
from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.packages import index_files, make_wheel, metadata_text
from tests.support.server import LoopbackServer

RECORDS = [
    record("python", "3.11.9"),
    record("python", "3.12.4"),
    record("pip", "24.0", depends=["python >=3.8"]),
    record("numpy", "1.26.4", depends=["python >=3.11"]),
    record("numpy", "2.0.0", depends=["python >=3.11"]),
    record("pandas", "2.2.2", depends=["python >=3.11", "numpy >=1.26"]),
    record("oldlib", "1.0", depends=["numpy <2", "__glibc >=2.17"]),
]
PROJECTS: Mapping[str, Mapping[str, list[str]]] = {
    "reader": {"1.0": ["rich >=13"]},
    "rich": {"13.9.0": []},
    "numba": {"0.59.1": ["numpy <1.27"], "0.61.0": ["numpy <2.2"]},
    "web": {"1.0": ["core <2"], "2.0": ["core <2", "rich"]},
    "core": {"1.9": [], "2.1": []},
}
#: Projects whose files have their metadata beside them; of others it is read out of the wheel.
BESIDE = ("reader", "numba")


class Scenario(NamedTuple):
    """Files to lock, how that ends where nothing fails, and what must then be told."""

    why: str
    files: Mapping[str, str]
    code: int
    conflict: tuple[str, ...] = ()  #: the lines that clash
    rests_on: tuple[str, ...] = ()  #: beginnings of the paths that the conflict is known from


def environment(*lines: str, pip: tuple[str, ...] = ()) -> str:
    given: list[Any] = [*lines, *([{"pip": list(pip)}] if pip else [])]
    return json.dumps({"name": "x", "channels": ["conda-forge"], "dependencies": given})


_CHANNEL = ("/conda-forge/",)
SCENARIOS = (
    Scenario("conda and pip", {"environment.yml": environment("python=3.12", "pandas", pip=("reader",))}, 0),
    Scenario("conda lines clash", {"environment.yml": environment("python=3.12", "numpy>=2", "oldlib")}, 4,
             ("numpy>=2", "oldlib"), _CHANNEL),
    Scenario("both worlds clash",
             {"environment.yml": environment("python=3.12", "numpy>=2", pip=("numba==0.59.1", "reader"))}, 4,
             ("numpy>=2", "numba==0.59.1"), (*_CHANNEL, "/simple/numba/")),
    Scenario("a name that isn't there", {"environment.yml": environment("python=3.12", "nunpy")}, 4,
             ("nunpy",), _CHANNEL),
    Scenario("pip lines alone, told by metadata", {"requirements.txt": "web>=1\ncore>=2\n"}, 4,
             ("web>=1", "core>=2"), ("/simple/web/", "/simple/core/")),
    Scenario("conda lines clash beside pip lines",
             {"environment.yml": environment("python=3.12", "numpy>=2", "oldlib", pip=("reader", "web"))}, 4,
             ("numpy>=2", "oldlib"), _CHANNEL),
    Scenario("a name that isn't there, beside pip lines",
             {"environment.yml": environment("python=3.12", "nunpy", pip=("reader", "web"))}, 4,
             ("nunpy",), _CHANNEL),
    Scenario("pip lines clash beside others",
             {"requirements.txt": "reader\nweb>=1\ncore>=2\nrich\n"}, 4,
             ("web>=1", "core>=2"), ("/simple/web/", "/simple/core/")),
)  # fmt: skip


class Verb(NamedTuple):
    """A command line; ``FILE`` stands for the scenario's file."""

    why: str
    arguments: tuple[str, ...]
    asks: bool = True  #: False: it asks no source at all
    after_lock: bool = False  #: a lockfile of an easier environment is there


VERBS = (
    Verb("lock", ("FILE", "--dry-run")),
    Verb("lock again", ("FILE", "--dry-run", "--update", "numpy"), after_lock=True),
    Verb("lock --each", ("--each", "FILE", "good/environment.yml", "--dry-run")),
    Verb("explain", ("explain", "FILE")),
    Verb("explain --json", ("explain", "FILE", "--json")),
    Verb("check", ("check", "FILE")),
    Verb("hash --resolve", ("hash", "FILE", "--resolve")),
    Verb("lock --check", ("FILE", "--check"), asks=False, after_lock=True),
    Verb("diff", ("diff", "good/conda-lock.yml", "good/conda-lock.yml"), asks=False, after_lock=True),
    Verb("export", ("export", "good/conda-lock.yml", "--format", "explicit"), asks=False, after_lock=True),
    Verb("hash", ("hash", "good/environment.yml"), asks=False),
)  # fmt: skip


class Fault:
    """What a server does at its n-th request, or from it on."""

    #: Silence after which the client gives up, where the server says nothing: in seconds.
    PATIENCE = 0.5

    def __init__(self, kind: str, at: int, *, for_good: bool, but: tuple[str, ...] = ()) -> None:
        """``but``: beginnings of the paths that are answered all the same."""
        self.kind, self.at, self.for_good, self._but = kind, at, for_good, but
        self.seen = 0
        self.met: list[str] = []  #: paths of the requests that didn't get their answer
        self._lock, self._over = threading.Lock(), threading.Event()

    def act(self, handler: Any) -> bool:
        """Count a request; misbehave where it is the one."""
        with self._lock:
            self.seen += 1
            hit = self.seen >= self.at if self.for_good else self.seen == self.at
            hit = hit and not handler.path.startswith(self._but or "\n")
            if hit and self.kind != "is slow":
                self.met.append(handler.path)
        return hit and ACTS[self.kind](handler, self._over)

    def end(self) -> None:
        """Let go of requests that are kept waiting."""
        self._over.set()


def _hang(handler: Any, over: threading.Event) -> bool:
    over.wait(60)
    return bool(handler.hang_up())


def _stall(handler: Any, over: threading.Event) -> bool:
    handler.answer_half()
    handler.wfile.flush()
    over.wait(60)
    return True


def _slow(_: Any, over: threading.Event) -> bool:
    over.wait(0.03)
    return False


#: kind -> what is done to a request; True: it has an answer
ACTS: Mapping[str, Callable[[Any, threading.Event], bool]] = {
    "refuses": lambda handler, _: bool(handler.answer(503, b"no", {})),
    "hangs up": lambda handler, _: bool(handler.hang_up()),
    "breaks off": lambda handler, _: bool(handler.answer_half()),
    "says nothing": _hang,
    "stalls": _stall,
    "is slow": _slow,
}
#: Kinds that end only by the client's own patience.
SILENT = ("says nothing", "stalls")


class Ended(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str
    requests: int


class FaultyWorld:
    """A folder with the scenario's files, and servers for channel and index."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], *, sharded: bool = True) -> None:
        self.folder, self._capsys, self._count = folder, capsys, 0
        self.server = LoopbackServer(_files(sharded=sharded))

    def prepare(self, scenario: Scenario) -> str:
        """Write a scenario's files, and the lockfile of an easier one; return the name of its file."""
        for name, text in scenario.files.items():
            (self.folder / name).write_text(text)
        easy = self.folder / "good"
        easy.mkdir(exist_ok=True)
        (easy / "environment.yml").write_text(SCENARIOS[0].files["environment.yml"])
        done = self.run(("good/environment.yml", "-o", "good/conda-lock.yml"), None)
        assert done.code == 0, done.err
        (name,) = scenario.files
        output = "conda-lock.yml" if name.endswith(".yml") else f"{Path(name).stem}.conda-lock.yml"
        (self.folder / output).write_bytes((easy / "conda-lock.yml").read_bytes())
        return name

    def run(self, arguments: tuple[str, ...], fault: Fault | None) -> Ended:
        """Run a verb with nothing in its cache; the fault is this run's alone."""
        self._count += 1
        before = len(self.server.seen)
        self.server.rules.clear()
        if fault is not None:
            self.server.misbehave(fault.act)
        patience = Fault.PATIENCE if fault is not None and fault.kind in SILENT else 30
        self._capsys.readouterr()
        flags: list[str] = []
        if arguments[0] not in ("diff", "export"):
            url = self.server.url
            flags = ["-p", "linux-64", "--channel-alias", url, "--index-url", f"{url}/simple",
                     "--virtual-package", "__glibc=2.35", "--cache-dir",
                     str(self.folder / f"cache-{self._count}")]  # fmt: skip
            if arguments == ("hash", "good/environment.yml"):
                flags = []
        code = run(*arguments, *flags, folder=self.folder, LOCK_TIMEOUT=str(patience), LOCK_RETRIES="0")
        if fault is not None:
            fault.end()
        said = self._capsys.readouterr()
        return Ended(code=code, out=said.out, err=said.err, requests=len(self.server.seen) - before)


def _files(*, sharded: bool) -> dict[str, bytes]:
    """Return what the server has: a channel (sharded or in one file) and an index."""
    found: dict[str, bytes] = {}
    for subdir, contents in (("linux-64", repodata(RECORDS)), ("noarch", repodata())):
        made = as_shards(contents) if sharded else {"repodata.json": as_file(contents, "repodata.json")}
        found |= {f"conda-forge/{subdir}/{name}": data for name, data in made.items()}
    projects = {
        name: {
            f"{name}-{version}-py3-none-any.whl": make_wheel(name, version, requires)
            for version, requires in versions.items()
        }
        for name, versions in PROJECTS.items()
    }
    found |= index_files(projects)
    for name in BESIDE:
        page = found[f"simple/{name}/index.html"].decode()
        found[f"simple/{name}/index.html"] = page.replace('">', '" data-dist-info-metadata="true">').encode()
        for version, requires in PROJECTS[name].items():
            path = f"simple/{name}/{name}-{version}-py3-none-any.whl.metadata"
            found[path] = metadata_text(name, version, requires).encode()
    return found
