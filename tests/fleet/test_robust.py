"""Workers that die, files that kill them, files that hang, runs that are interrupted: nothing is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from lockfiles.fleet.engines.opening import EngineRequest
from lockfiles.fleet.engines.pool import PoolEngine, WorkersError
from lockfiles.fleet.engines.protocol import Engine
from lockfiles.fleet.finding import FindRequest, find_files
from lockfiles.fleet.jobs import plan_jobs
from lockfiles.fleet.records import FleetRecord
from lockfiles.fleet.running import FleetReport, FleetRequest, Opening, run_fleet
from lockfiles.locking import LockRequest
from lockfiles.surroundings import Surroundings, surroundings_here
from resolver.errors import InputError
from tests.cli.process import environ
from tests.fleet import poison
from tests.fleet.world import fleet, fleet_here, make_fleet, make_remote, records, write_environment
from tests.support.server import LoopbackServer
from tests.support.signals import hear_interrupts


def opening(timeout: float) -> Opening:
    """Return what opens a pool whose workers do as :mod:`tests.fleet.poison` says."""

    def open_pool(request: EngineRequest, around: Surroundings, jobs: int, mark: Path) -> Engine:
        del jobs, mark
        return PoolEngine(
            request.workers, folder=str(around.cwd), timeout=timeout, memory=1 << 30, do=poison.do_and_stage
        )

    return open_pool


def run(
    folder: Path, timeout: float = 60.0, *, resume: bool = False
) -> tuple[FleetReport, dict[str, FleetRecord]]:
    taken: list[FleetRecord] = []
    request = FleetRequest(
        find=FindRequest(paths=(".",)),
        lock=LockRequest(surroundings=surroundings_here()),
        engine=EngineRequest(workers=2),
        journal=folder / "fleet.jsonl",
        resume=resume,
    )
    report = run_fleet(request, take=taken.append, opening=opening(timeout))
    return report, {record.file: record for record in taken}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def begun(folder: Path, name: str) -> int:
    """Return how often a file's work began."""
    return len((folder / name).with_suffix(".begun").read_text().splitlines())


def test_workers_that_die_files_that_kill_and_files_that_hang(folder: Path) -> None:
    good = {f"e/good{number}.yml": ["a"] for number in range(6)}
    bad = {f"e/{name}.yml": ["b"] for name in ("poison", "unlucky1", "unlucky2", "hang", "error", "large")}
    make_fleet(folder, {**good, **bad})
    report, found = run(folder, timeout=4.0)
    assert sorted(found) == sorted({**good, **bad})  # nothing lost, nothing twice
    wrong = {name: (record.outcome, record.attempts) for name, record in found.items() if record.code}
    assert wrong == {
        "e/poison.yml": ("worker died", 2),
        "e/hang.yml": ("took too long", 1),
        "e/error.yml": ("worker died", 2),
    }
    assert [begun(folder, f"e/{name}.yml") for name in ("good0", "poison", "unlucky1", "hang")] == [
        1,
        2,
        2,
        1,
    ]
    assert "nobody foresaw this" in found["e/error.yml"].failures[0].message
    assert report.exit_code == 1
    assert (folder / "e" / "unlucky1.conda-lock.yml").is_file()


def test_a_run_that_was_killed_goes_on_where_it_was(folder: Path) -> None:
    make_fleet(folder, {f"e/f{number}.yml": ["a"] for number in range(6)})
    run(folder)
    journal = folder / "fleet.jsonl"
    head, *lines = journal.read_bytes().splitlines(keepends=True)
    lines.sort()  # they stand there as they were done; a line begins with the file's name
    journal.write_bytes(
        b"".join([head, *lines[:3]]) + lines[3][: len(lines[3]) // 2]
    )  # killed while it wrote
    write_environment(folder, "e/f1.yml", ["b"])  # and changed since
    report, found = run(folder, resume=True)
    assert len(found) == 6
    assert report.kept == 2
    assert [begun(folder, f"e/f{number}.yml") for number in range(6)] == [1, 2, 1, 2, 2, 2]
    assert "name: b" in (folder / "e" / "f1.conda-lock.yml").read_text()
    size = journal.stat().st_size
    again, _ = run(folder, resume=True)
    assert again.kept == 6
    assert journal.stat().st_size == size  # what is kept isn't written down again
    (folder / "e" / "f2.conda-lock.yml").unlink()
    assert run(folder, resume=True)[0].kept == 5
    assert run(folder)[0].kept == 0


def test_a_journal_is_never_written_over_another_file(folder: Path) -> None:
    make_fleet(folder, {"e/f.yml": ["a"]})
    (folder / "fleet.jsonl").write_text("precious\n")
    done = fleet_here("e", "--journal", "fleet.jsonl", folder=folder)
    assert done.code == 2
    assert "isn't a fleet's journal" in done.err
    assert (folder / "fleet.jsonl").read_text() == "precious\n"


def test_a_journal_is_in_the_cache(folder: Path) -> None:
    make_fleet(folder, {"e/f.yml": ["a"]})
    assert fleet_here("e", "--cache-dir", "mine", folder=folder).code == 0
    (folder / "lockstack.toml").write_text('cache-dir = "ours"\n')
    assert fleet_here("e", folder=folder).code == 0
    (folder / "lockstack.toml").write_text("no settings")
    assert fleet_here("e", "--cache-dir", "mine2", folder=folder).code == 0
    places = [path.parent.parent.name for path in folder.rglob("fleet/*.jsonl")]
    assert sorted(places) == ["lockstack", "mine", "ours"]


def test_a_source_that_fails_for_a_while_loses_nothing(folder: Path) -> None:
    with LoopbackServer() as server:
        make_remote(folder, server, 3)
        server.fail("/small/", status=503, times=2)
        done = fleet("e", "--json", "--workers", "1", "--retries", "0", folder=folder)
    assert done.code == 0, done.err
    assert [record["attempts"] for record in records(done)].count(2) in (1, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_an_interrupted_command_leaves_no_worker_and_goes_on(folder: Path, how: signal.Signals) -> None:
    stuck = threading.Event()
    with LoopbackServer() as server:
        make_remote(folder, server, 2)
        write_environment(folder, "d/first.yml", ["b"])

        def hang(_: object) -> bool:
            stuck.set()
            threading.Event().wait(20)
            return False

        server.misbehave(hang)  # type: ignore[arg-type]
        with subprocess.Popen(
            [sys.executable, "-m", "lockfiles.cli", "fleet", "d", "e", "--workers", "1"],
            cwd=folder, env=environ(folder), stderr=subprocess.PIPE, preexec_fn=hear_interrupts,
        ) as process:  # fmt: skip
            assert stuck.wait(60)
            process.send_signal(how)
            _, said = process.communicate(timeout=60)  # ends once no worker holds the pipe
        assert process.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
        if how is signal.SIGINT:
            assert b"1 file is done: `--resume` goes on from there." in said
        server.rules.clear()
        done = fleet("d", "e", "--json", "--resume", "-v", folder=folder)
    assert done.code == 0, done.err
    assert "2 files to do" in done.err
    assert "1 done before" in done.err
    assert len(records(done)) == 3


def test_a_lockfile_that_cannot_be_put_in_its_place_is_told_of_its_file_alone(folder: Path) -> None:
    make_fleet(folder, {"e/taken.yml": ["a"], "e/good.yml": ["b"]})
    report, found = run(folder)
    assert report.exit_code == 6
    taken, good = found["e/taken.yml"], found["e/good.yml"]
    assert (good.code, good.is_written, (folder / "e/good.conda-lock.yml").is_file()) == (0, True, True)
    assert (taken.code, taken.is_written, taken.failures[0].kind) == (6, False, "OutputError")
    assert "can't write `e/taken.conda-lock.yml`" in taken.failures[0].message
    assert [one.name for one in (folder / "e").glob(".*")] == []


def test_what_nobody_took_the_end_of_leaves_nothing(folder: Path) -> None:
    make_fleet(folder, {"e/good.yml": ["a"]})
    lock = LockRequest(surroundings=surroundings_here())
    found = find_files(FindRequest(paths=("e",)), Path.read_bytes)  # type: ignore[arg-type]
    (job,) = plan_jobs(found, lock, ("lock",), dry_run=False).jobs
    engine = PoolEngine(1, folder=str(folder), timeout=60.0, memory=1 << 30)
    engine.submit(job)
    (slot,) = engine._slots
    assert slot.future is not None
    assert slot.future.result(60).staged is not None
    engine.close()
    assert sorted(one.name for one in (folder / "e").iterdir()) == ["good.yml", "lockstack.toml"]


def test_a_job_that_never_began_leaves_nothing_to_remove(folder: Path) -> None:
    engine = PoolEngine(1, folder=str(folder), timeout=60.0, memory=1 << 30)
    (slot,) = engine._slots
    slot.future = Future()
    assert slot.future.cancel()  # as a pool does with what its worker hasn't taken
    engine.close()


def beside(folder: Path, name: str, word: str = "0123456789abcdef") -> Path:
    """Put a file beside a lockfile that is named as temporary ones are; return its place."""
    place = folder / f".{name}.{word}.fedcba9876543210.tmp"
    place.write_text("version: 1")
    return place


def hidden(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.glob(".*"))


def test_workers_that_die_with_a_staged_lockfile_leave_nothing(folder: Path) -> None:
    make_fleet(folder, {"e/midway.yml": ["a"], "f/once.yml": ["a"], "e/good.yml": ["b"]})
    users = [beside(folder / name, "good.conda-lock.yml") for name in ("e", "f")]
    report, found = run(folder)
    assert {name: record.outcome for name, record in found.items()} == {
        "e/midway.yml": "worker died",
        "e/good.yml": "done",
        "f/once.yml": "done",
    }
    assert report.restarted == 3
    assert [hidden(folder / name) for name in ("e", "f")] == [[users[0].name], [users[1].name]]


@pytest.mark.parametrize("resume", [False, True], ids=["anew", "resumed"])
def test_what_a_killed_run_has_staged_goes_with_the_next_one(folder: Path, *, resume: bool) -> None:
    fcntl = pytest.importorskip("fcntl", reason="locks of POSIX")
    make_fleet(folder, {"e/f.yml": ["a"], "g/environment.yml": ["a"]})
    run(folder)
    word = json.loads((folder / "fleet.jsonl").read_text().splitlines()[0])["run"]
    (folder / "g" / "elsewhere").mkdir()
    (folder / "g" / "conda-lock.yml").rename(folder / "g" / "elsewhere" / "real.yml")
    (folder / "g" / "conda-lock.yml").symlink_to("elsewhere/real.yml")
    for place, name in (("e", "f.conda-lock.yml"), ("g", "pixi.lock"), ("g/elsewhere", "real.yml")):
        beside(folder / place, name, word)
    users = beside(folder / "e", "f.conda-lock.yml")
    with (folder / "fleet.jsonl").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="the journal of a run of this fleet that is at work"):
            run(folder, resume=resume)
        assert len(hidden(folder / "e")) == 2
        assert hidden(folder / "g/elsewhere") != []
    report, _ = run(folder, resume=resume)
    assert (report.exit_code, report.kept) == (0, 2 if resume else 0)
    assert hidden(folder / "e") == [users.name]
    assert hidden(folder / "g") + hidden(folder / "g/elsewhere") == []
    assert (word in (folder / "fleet.jsonl").read_text()) == resume


def test_workers_that_never_start_end_the_fleet(folder: Path) -> None:
    make_fleet(folder, {f"e/f{number}.yml": ["a"] for number in range(9)})
    request = FleetRequest(
        find=FindRequest(paths=("e",)),
        lock=LockRequest(surroundings=surroundings_here()),
        engine=EngineRequest(workers=2),
        journal=folder / "fleet.jsonl",
    )

    def open_pool(request: EngineRequest, around: Surroundings, jobs: int, mark: Path) -> Engine:
        del around, jobs, mark
        return PoolEngine(request.workers, folder=str(folder / "nowhere"), timeout=60.0, memory=1 << 30)

    with pytest.raises(WorkersError, match="3 worker processes in a row died while they started"):
        run_fleet(request, opening=open_pool)
