"""Fleets on Dask: a cluster of two processes, a scheduler over TCP, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.process import environ, lock
from tests.fleet.world import fleet, make_fleet, records

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
