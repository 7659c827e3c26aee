"""Sources on loopback that misbehave at their n-th request, and the runs that meet them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.end_to_end.inside import run
from tests.support.channel import as_file, as_shards, file_name, record, repodata, with_archive
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
    spare: str = ""  #: what a line asks for that the conflict can do without


def environment(*lines: str, pip: tuple[str, ...] = ()) -> str:
    given: list[Any] = [*lines, *([{"pip": list(pip)}] if pip else [])]
    return yaml.safe_dump({"name": "x", "channels": ["conda-forge"], "dependencies": given}, sort_keys=False)


_CHANNEL = ("/conda-forge/",)
SCENARIOS = (
    Scenario("conda and pip", {"environment.yml": environment("python=3.12", "pandas", pip=("reader",))}, 0,
             spare="pandas"),
    Scenario("conda lines clash", {"environment.yml": environment("python=3.12", "numpy>=2", "oldlib")}, 4,
             ("numpy>=2", "oldlib"), _CHANNEL, "python"),
    Scenario("both worlds clash",
             {"environment.yml": environment("python=3.12", "numpy>=2", pip=("numba==0.59.1", "reader"))}, 4,
             ("numpy>=2", "numba==0.59.1"), (*_CHANNEL, "/simple/numba/"), "reader"),
    Scenario("a name that isn't there", {"environment.yml": environment("python=3.12", "nunpy")}, 4,
             ("nunpy",), _CHANNEL, "python"),
    Scenario("pip lines alone, told by metadata", {"requirements.txt": "web>=1\ncore>=2\n"}, 4,
             ("web>=1", "core>=2"), ("/simple/web/", "/simple/core/")),
    Scenario("conda lines clash beside pip lines",
             {"environment.yml": environment("python=3.12", "numpy>=2", "oldlib", pip=("reader", "web"))}, 4,
             ("numpy>=2", "oldlib"), _CHANNEL, "python"),
    Scenario("a name that isn't there, beside pip lines",
             {"environment.yml": environment("python=3.12", "nunpy", pip=("reader", "web"))}, 4,
             ("nunpy",), _CHANNEL, "python"),
    Scenario("pip lines clash beside others",
             {"requirements.txt": "reader\nweb>=1\ncore>=2\nrich\n"}, 4,
             ("web>=1", "core>=2"), ("/simple/web/", "/simple/core/"), "rich"),
)  # fmt: skip


class Verb(NamedTuple):
    """A command line; ``FILE`` stands for the scenario's file, ``SPARE`` for what it can do without."""

    why: str
    arguments: tuple[str, ...]
    leaves: tuple[str, ...] = ()  #: files that it may leave behind whatever its exit code says
    page: str = ""  #: where it draws a conflict
    is_view: bool = False  #: it looks at a lockfile: that the input has no solution is one line of it


#: Verbs over the file of a scenario.
VERBS = (
    Verb("lock", ("FILE",)),
    Verb("lock --update", ("FILE", "--update", "numpy")),
    Verb("lock --record", ("FILE", "--record", "solve.zip"), ("solve.zip",)),
    Verb("lock --each", ("--each", "FILE", "good/environment.yml", "--dry-run")),
    Verb("explain", ("explain", "FILE")),
    Verb("explain --json", ("explain", "FILE", "--json")),
    Verb("check", ("check", "FILE")),
    Verb("hash --resolve", ("hash", "FILE", "--resolve")),
    Verb("add", ("add", "--pip", "rich>=13.0", "--file", "FILE")),
    Verb("remove", ("remove", "SPARE", "--file", "FILE")),
    Verb("sync", ("sync", "FILE", "-o", "new.yml", "--prefix", "env", "--installer", "wheels"), ("new.yml",)),
    Verb("graph", ("graph", "FILE", "-o", "page.html"), ("page.html",), "page.html"),
    Verb("outdated", ("outdated", "good/conda-lock.yml", "--input", "FILE"), is_view=True),
)
#: Verbs over a lockfile of an environment that locks, whatever the scenario.
OVER_A_LOCK = (
    Verb("outdated --all", ("outdated", "good/conda-lock.yml", "--all")),
    Verb("verify", ("verify", "good/conda-lock.yml")),
    Verb("verify --download", ("verify", "good/conda-lock.yml", "--download")),
    Verb("install", ("install", "good/conda-lock.yml", "--prefix", "env", "--installer", "wheels")),
)
_LOCK = "good/conda-lock.yml"
#: Verbs that ask no source at all.
QUIET = (
    Verb("lock --check", ("good/environment.yml", "-o", _LOCK, "--check")),
    Verb(
        "sync --locked --dry-run",
        ("sync", "good/environment.yml", "-o", _LOCK, "--prefix", "env", "--dry-run"),
    ),
    Verb("install --dry-run", ("install", _LOCK, "--prefix", "env", "--dry-run")),
    Verb("diff", ("diff", _LOCK, _LOCK)),
    Verb("export", ("export", _LOCK, "--format", "explicit")),
    Verb("check of a lockfile", ("check", _LOCK)),
    Verb("graph of a lockfile", ("graph", _LOCK, "-o", "page.html")),
    Verb("hash", ("hash", "good/environment.yml")),
    Verb("tree", ("tree", _LOCK)),
    Verb("validate --init", ("validate", _LOCK, "--init", "-o", "made")),
    Verb("verify --no-sources", ("verify", _LOCK, "--no-sources", "--advisories", "osv.json")),
    Verb("why", ("why", "numpy", _LOCK)),
    Verb("replay", ("replay", "good/solve.zip")),
)


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
        self.folder, self._capsys = folder, capsys
        self._cache = folder.parent / f"{folder.name}-cache"
        self.server = LoopbackServer(_files(sharded=sharded))

    def prepare(self, scenario: Scenario) -> None:
        """Write a scenario's files, and the lockfile of an easier one."""
        (self.folder / "good").mkdir(parents=True)
        for name, text in scenario.files.items():
            (self.folder / name).write_text(text)
        (self.folder / "good" / "environment.yml").write_text(SCENARIOS[0].files["environment.yml"])
        (self.folder / "osv.json").write_text("[]")
        url = self.server.url
        settings = (
            f'channel-alias = "{url}"\nindex-url = "{url}/simple"\nextra-index-urls = []\nfind-links = []\n'
            'platforms = ["linux-64"]\nvirtual-packages = ["__glibc=2.35"]\n'
        )
        for place in (self.folder, self.folder / "good"):
            (place / "lockstack.toml").write_text(settings)
        done = self.run(("good/environment.yml", "--record", "good/solve.zip"), None)
        assert done.code == 0, done.err
        name = file_of(scenario)
        output = "conda-lock.yml" if name.endswith(".yml") else f"{Path(name).stem}.conda-lock.yml"
        (self.folder / output).write_bytes((self.folder / "good" / "conda-lock.yml").read_bytes())

    def run(self, arguments: tuple[str, ...], fault: Fault | None) -> Ended:
        """Run a verb with nothing in its cache; the fault is this run's alone."""
        before = len(self.server.seen)
        self.server.rules.clear()
        if fault is not None:
            self.server.misbehave(fault.act)
        patience = Fault.PATIENCE if fault is not None and fault.kind in SILENT else 30
        self._capsys.readouterr()
        code = run(
            *arguments,
            folder=self.folder,
            LOCK_TIMEOUT=str(patience),
            LOCK_RETRIES="0",
            LOCK_CACHE_DIR=str(self._cache),
        )
        if fault is not None:
            fault.end()
        shutil.rmtree(self._cache, ignore_errors=True)
        said = self._capsys.readouterr()
        return Ended(code=code, out=said.out, err=said.err, requests=len(self.server.seen) - before)

    def run_and_undo(
        self, verb: Verb, arguments: tuple[str, ...], fault: Fault | None
    ) -> tuple[Ended, Changes]:
        """Run a verb; return what became of the files, and put them back. What is drawn counts as said."""
        before = _tree(self.folder)
        done = self.run(arguments, fault)
        if verb.page and (self.folder / verb.page).exists():
            drawn = (self.folder / verb.page).read_text().replace("\\u003e", ">").replace("\\u003c", "<")
            done = done._replace(out=done.out + drawn)
        after = _tree(self.folder)
        changed = {name: after.get(name) for name in before | after if before.get(name) != after.get(name)}
        for name in changed:
            if name not in before:
                (self.folder / name).unlink()
            else:
                (self.folder / name).write_bytes(before[name])
        shutil.rmtree(self.folder / "env", ignore_errors=True)
        return done, changed


#: File that a run changed -> its bytes, None where it is gone.
Changes = Mapping[str, bytes | None]


def file_of(scenario: Scenario) -> str:
    """Return the name of a scenario's file."""
    (name,) = scenario.files
    return name


def _tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder; what an environment's own records say of the time is left out."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and "cache" not in path.parts:
            name = path.relative_to(folder).as_posix()
            found[name] = b"" if name.startswith("env/conda-meta/") else path.read_bytes()
    return found


def _files(*, sharded: bool) -> dict[str, bytes]:
    """Return what the server has: a channel (sharded or in one file) and an index."""
    found: dict[str, bytes] = {}
    records = []
    for entry in RECORDS:
        listed, archive = with_archive(entry)
        records.append(listed)
        found[f"conda-forge/linux-64/{file_name(listed, '.tar.bz2')}"] = archive
    for subdir, contents in (("linux-64", repodata(tar=records)), ("noarch", repodata())):
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
