"""Fleets on Dask: a cluster of two processes, a scheduler over TCP, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.process import environ, lock
from tests.fleet.world import fleet, make_fleet, records, write_environment

pytest.importorskip("distributed")

FILES = {f"e/f{number}.yml": [line] for number, line in enumerate(("a", "b", "c", "python", "nosuch"))}
_CLUSTER = """\
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
#: A run whose workers do as :mod:`tests.fleet.poison` says; a file may kill two of them.
_POISONED = """\
import json
import dask.config
from lockfiles.fleet.engines.dask import DaskEngine
from lockfiles.fleet.engines.opening import EngineRequest
from lockfiles.fleet.finding import FindRequest
from lockfiles.fleet.running import FleetRequest, run_fleet
from lockfiles.locking import LockRequest
from lockfiles.surroundings import surroundings_here
from tests.fleet import poison
def opening(request, around, jobs, mark):
    return DaskEngine("local", 2, folder=str(around.cwd), timeout=3, memory=1 << 30, mark=mark, do=poison.do)
if __name__ == "__main__":
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    request = FleetRequest(find=FindRequest(paths=("e",)), lock=LockRequest(surroundings=surroundings_here()),
                           engine=EngineRequest(scheduler="local", workers=2))
    report = run_fleet(request, opening=opening)
    print(json.dumps({record.file: [record.outcome, record.attempts] for record in report.records}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_fleet(tmp_path, FILES)


@pytest.fixture
def scheduler(folder: Path) -> Iterator[str]:
    """A scheduler with two workers, in processes of their own."""
    variables = {name: value for name, value in environ(folder).items() if name != "PYTHONWARNINGS"}
    script = folder / "cluster.py"
    script.write_text(_CLUSTER)
    with subprocess.Popen(
        [sys.executable, script], cwd=folder, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate(timeout=60)


def test_a_scheduler_gives_the_same_lockfiles(folder: Path, scheduler: str) -> None:
    done = fleet(
        "e", "--json", "--journal", "run.jsonl", folder=folder, LOCK_SCHEDULER=scheduler, PYTHONWARNINGS=""
    )
    assert done.code == 4, done.err
    found = records(done)
    assert [record["code"] for record in found] == [0, 0, 0, 0, 4]
    for record in found[:4]:
        made = (folder / record["output"]).read_bytes()
        (folder / record["output"]).unlink()
        assert lock(record["file"], "-q", folder=folder).code == 0
        assert (folder / record["output"]).read_bytes() == made


def test_what_waits_beside_a_file_that_kills_or_hangs_is_done(folder: Path) -> None:
    for name in ("poison", "hang", "unlucky", "good1", "good2", "good3"):
        write_environment(folder, f"e/{name}.yml", ["a"])
    (folder / "run.py").write_text(_POISONED)
    variables = environ(folder, PYTHONPATH=str(Path(__file__).parents[2]), PYTHONWARNINGS="")
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=folder, env=variables, capture_output=True, check=False, timeout=240
    )
    found = json.loads(done.stdout or b"{}")
    assert found.pop("e/poison.yml", None) == ["worker died", 2], done.stderr
    assert found.pop("e/hang.yml")[0] == "took too long"
    assert found.pop("e/f4.yml")[0] == "no solution"
    assert {outcome for outcome, _ in found.values()} == {"done"}
    assert len(found) == 8


def test_what_a_scheduler_must_not_see_is_refused(folder: Path) -> None:
    address = "https://user:S3CRET-in-flag@packages.example.org/simple"
    done = fleet("e", "--scheduler", "tcp://127.0.0.1:1", "--index-url", address, folder=folder)
    assert done.code == 2
    assert "--index-url: holds a credential, which the scheduler would see" in done.err
    assert "S3CRET" not in done.err


def test_an_absent_library_is_named(folder: Path) -> None:
    (folder / "hidden").mkdir()
    (folder / "hidden" / "distributed.py").write_text("raise ImportError('hidden')\n")
    path = f"{folder / 'hidden'}:{Path(__file__).parents[2]}"
    done = fleet("e", "--scheduler", "local", folder=folder, PYTHONPATH=path)
    assert done.code == 2
    assert "need Dask's `distributed`, which isn't installed" in done.err
    assert "lockstack[fleet]" in done.err
