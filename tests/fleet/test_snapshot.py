"""Workers that share nothing with the fleet's process: each source asked once, no secret on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lockfiles.fleet.snapshot.files import PackedFiles, place_of
from lockfiles.fleet.snapshot.store import AnswerStore
from resolver.errors import InputError, SourceError
from resolver.sources.http.response import Response
from resolver.sources.tape import Asking
from tests.cli.here import lock as lock_here
from tests.cli.process import environ
from tests.fleet.world import fleet, records
from tests.support.channel import record, repodata
from tests.support.packages import index_files, make_wheel
from tests.support.server import LoopbackServer

pytest.importorskip("distributed")

PASSWORD, TOKEN = "S3CRET-of-the-index", "T0KEN-of-the-channel"
#: A scheduler and two workers: what the tasks are as the scheduler has them, and what workers open, is noted.
_CLUSTER = """\
import pickle, sys
from distributed import LocalCluster
from distributed.diagnostics.plugin import SchedulerPlugin
class Noting(SchedulerPlugin):
    def transition(self, key, start, finish, *args, **kwargs):
        task = self.scheduler.tasks.get(key)
        with open("graph.bin", "ab") as file:
            file.write(repr((key, start, finish, kwargs)).encode())
            for part in (getattr(task, "run_spec", None), kwargs):
                try:
                    file.write(pickle.dumps(part))
                except Exception:
                    file.write(repr(part).encode())
    async def start(self, scheduler):
        self.scheduler = scheduler
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1",
                      preload=["watch.py"], silence_logs=10) as cluster:
        cluster.scheduler.add_plugin(Noting())
        cluster.scheduler.plugins["noting"] = plugin = Noting()
        plugin.scheduler = cluster.scheduler
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
_WATCH = """\
import os, sys
def hear(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(os.environ["WATCHED"]):
        with open(os.open(os.environ["OPENED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT), "a") as file:
            file.write(arguments[0] + chr(10))
def dask_setup(worker):
    os.environ["XDG_CACHE_HOME"] = os.path.join(os.environ["CACHES"], str(os.getpid()))
    sys.addaudithook(hear)
    try:
        open(os.path.join(os.environ["WATCHED"], "control"))
    except OSError:
        pass
"""


@pytest.fixture
def channel() -> Iterator[LoopbackServer]:
    """A channel behind a token."""
    rows = [record("python", "3.12.0", subdir="noarch"), record("b", depends=["a <2"], subdir="noarch")]
    rows += [record("a", version, subdir="noarch") for version in ("1.0", "2.0")]
    with LoopbackServer() as found:
        for subdir, held in (("noarch", rows), ("linux-64", [])):
            found.files[f"private/{subdir}/repodata.json"] = json.dumps(repodata(held)).encode()
        found.require_token(TOKEN)
        yield found


@pytest.fixture
def index() -> Iterator[LoopbackServer]:
    """An index behind a password."""
    wheels = {
        "x": {"x-1.0-py3-none-any.whl": make_wheel("x", "1.0", ["y"])},
        "y": {"y-2.0-py3-none-any.whl": make_wheel("y", "2.0")},
    }
    with LoopbackServer(index_files(wheels)) as found:
        found.require_basic("me", PASSWORD)
        yield found


@pytest.fixture
def folder(tmp_path: Path, channel: LoopbackServer, index: LoopbackServer) -> Path:
    """Six environments: the token stands in settings files, beside and above, the password in inputs."""
    here = tmp_path / "inputs"
    alias = f'channel-alias = "{channel.url}/t/{TOKEN}"\nplatforms = ["linux-64"]\n'
    address = f"{index.with_user('me', PASSWORD)}/simple"
    pip = f"  - pip:\n    - --index-url {address}\n    - -r ../../shared/pip.txt\n"
    for number in range(6):
        place = here / "envs" / f"e{number}"
        place.mkdir(parents=True)
        lines = f"  - python\n  - {('a', 'b', 'python')[number % 3]}\n{pip if number % 2 else ''}"
        (place / "environment.yml").write_text(f"channels: [private]\ndependencies:\n{lines}")
        if number % 2:
            (place / "lockstack.toml").write_text(alias)
    (tmp_path / "lockstack.toml").write_text(alias)  # holds for the others, and isn't sent
    (here / "shared").mkdir()
    (here / "shared" / "pip.txt").write_text("x\n")
    return here


@pytest.fixture
def scheduler(tmp_path: Path, folder: Path) -> Iterator[str]:
    place = tmp_path / "cluster"
    place.mkdir()
    (place / "cluster.py").write_text(_CLUSTER)
    (place / "watch.py").write_text(_WATCH)
    variables = {name: value for name, value in environ(place).items() if name != "PYTHONWARNINGS"}
    variables |= {"WATCHED": str(folder), "OPENED": str(place / "opened"), "CACHES": str(place / "caches")}
    with (place / "log").open("wb") as log, subprocess.Popen(
        [sys.executable, "cluster.py"], cwd=place, env=variables, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=log, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate(timeout=60)


def test_sources_are_asked_once_and_no_secret_goes_to_the_cluster(
    tmp_path: Path, folder: Path, channel: LoopbackServer, index: LoopbackServer, scheduler: str
) -> None:
    arguments = (".", "--json", "--snapshot", "../snapshot", "--scheduler", scheduler)
    done = fleet(*arguments, folder=folder, PYTHONWARNINGS="")
    found = records(done)
    assert [r["code"] for r in found] == [0] * 6, done.err
    assert len({r["worker"] for r in found}) == 2
    for server in (channel, index):
        asked = Counter(seen.path for seen in server.seen if seen.status != 401)
        assert max(asked.values()) == 1, asked.most_common(3)
    cluster = tmp_path / "cluster"
    opened = (cluster / "opened").read_text().splitlines()
    assert opened == [str(folder / "control")] * 2  # one a worker, which shows that it is watched
    graph = (cluster / "graph.bin").read_bytes()
    assert b"environment.yml" in graph  # the jobs did pass there
    for what in (graph, (cluster / "log").read_bytes(), done.out.encode(), done.err.encode()):
        assert PASSWORD.encode() not in what
        assert TOKEN.encode() not in what
    for file in (tmp_path / "snapshot").rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()
    made = {r["file"]: (folder / r["output"]).read_bytes() for r in found}
    for r in found:
        (folder / r["output"]).unlink()
        assert (
            lock_here(Path(r["file"]).name, "-q", folder=folder / "envs" / Path(r["file"]).parts[-2]).code
            == 0
        )
        assert (folder / r["output"]).read_bytes() == made[r["file"]]
        (folder / r["output"]).unlink()
    for server in (channel, index):
        server.seen.clear()
        server.files.clear()  # the moment stays: nothing is asked any more
    again = fleet(*arguments, folder=folder, PYTHONWARNINGS="")
    assert [r["digest"] for r in records(again)] == [r["digest"] for r in found], again.err
    assert channel.seen + index.seen == []


def test_what_a_snapshot_is_for(folder: Path) -> None:
    done = fleet(".", "--snapshot", "../snapshot", folder=folder)
    assert done.code == 2
    assert "--snapshot: is for workers of a scheduler" in done.err


def test_a_store_asks_once_and_keeps_no_failure(tmp_path: Path) -> None:
    asked: list[str] = []

    def fetch(url: str, *_: object) -> Response:
        asked.append(url)
        if len(asked) == 1:
            raise SourceError("is down", url)
        return Response(status=404 if "gone" in url else 206, body=b"part", url=url)

    store = AnswerStore(tmp_path / "s", fetch, "2026-01-31T00:00:00Z")
    with pytest.raises(SourceError):
        store.answer("https://a.example/x", (0, 3), Asking())
    first = store.answer("https://a.example/x", (0, 3), Asking())
    assert store.answer("https://a.example/x", (0, 3), Asking()) == first
    assert store.answer("https://a.example/gone", None, Asking()).status == 404
    assert len(asked) == 3
    assert store.blob(first.body or "").read_bytes() == b"part"
    later = AnswerStore(tmp_path / "s", fetch, "2027-01-31T00:00:00Z")
    assert later.made == "2026-01-31T00:00:00Z"
    assert later.answer("https://a.example/x", (0, 3), Asking()) == first
    assert len(asked) == 3
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(InputError, match="no snapshot"):
        AnswerStore(tmp_path / "other", fetch, "")


def test_files_that_a_job_may_read_are_packed(tmp_path: Path) -> None:
    for name, text in {
        "lockstack.toml": "", "a/pyproject.toml": "", "a/b/environment.yml": "- -r ../../c/one.txt\n",
        "a/b/beside.txt": "", "a/x/other.yml": "", "c/one.txt": "-c two.txt\n-r https://a.example/three.txt\n",
        "c/two.txt": "-r /etc/passwd\n-r ../../outside.txt\n", "c/three.txt": "",
    }.items():  # fmt: skip
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text)
    (tmp_path / "outside.txt").touch()
    needed = PackedFiles(tmp_path / "root").needed("a/b/environment.yml")
    assert [path for path, _ in needed] == [
        "a/b/beside.txt", "a/b/environment.yml", "a/pyproject.toml", "c/one.txt", "c/two.txt",
        "lockstack.toml",
    ]  # fmt: skip
    for name in ("../outside.txt", "/etc/passwd", "a/../../x"):
        with pytest.raises(InputError, match="isn't below this folder"):
            PackedFiles(tmp_path / "root").needed(name)
        with pytest.raises(ValueError, match="isn't below"):
            place_of(tmp_path, name)
    assert os.fspath(place_of(tmp_path, "a/../b")) == str(tmp_path / "b")
