"""Every way in which a fleet ends: no word of Python's, no process, no semaphore left, and no record lost."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import environ
from tests.fleet.world import fleet, make_fleet, make_remote, write_environment
from tests.support import amount
from tests.support.server import LoopbackServer
from tests.support.signals import hear_interrupts
from tests.support.small_disk import PAGE, SIZE, small_disk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is left is looked for in /proc")

ENGINES = {"pool": ("--workers", "2"), "dask": ("--workers", "2", "--scheduler", "local")}
#: A Dask cluster takes seconds to begin; all endings with one: LOCKSTACK_FLEET_ENDINGS=all
IS_WHOLE = amount.IS_WHOLE or os.environ.get("LOCKSTACK_FLEET_ENDINGS") == "all"
sampled = pytest.mark.parametrize("engine", ENGINES if IS_WHOLE else ["pool"], indirect=True)
#: Files of which the last has no solution.
FILES = {f"e/f{number}.yml": [line] for number, line in enumerate(("a", "b", "c", "python", "nosuch"))}
#: Where semaphores are.
SHARED = "/dev/shm/"  # noqa: S108
#: What tells processes of a run from all others.
MARK = "LOCKSTACK_TEST_RUN"


class Run:
    """The command under way in a folder, and what it leaves."""

    def __init__(self, folder: Path, *arguments: str, **options: Any) -> None:
        self.folder, self.mark = folder, f"{MARK}={folder}"
        self._temporary = folder / str(options.pop("temporary", "tmp"))
        self._temporary.mkdir()
        variables = environ(
            folder, TMPDIR=str(self._temporary), PYTHONWARNINGS=""
        )  # all are told, none raised
        variables[MARK] = str(folder)
        hear = options.pop("before", hear_interrupts)
        streams: dict[str, Any] = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lockfiles.cli", "fleet", *arguments], cwd=folder, env=variables,
            stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=hear, **(streams | options),
        )  # fmt: skip
        self.semaphores: set[Path] = set()

    def note_semaphores(self) -> None:
        """Note which semaphores its processes hold by now; there are some."""
        for process in self.processes():
            with contextlib.suppress(OSError):
                for line in (process / "maps").read_text().splitlines():
                    name = line.partition(SHARED)[2]
                    if name:
                        self.semaphores.add(Path(SHARED) / name.removesuffix(" (deleted)"))
        assert self.semaphores

    def processes(self) -> list[Path]:
        """Return all processes that it began and that live, itself included."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                    found.append(process)
        return found

    def end(self) -> tuple[str, str]:
        """Wait for its end; return what it printed and said."""
        out, err = self.process.communicate(timeout=120)  # nobody holds the pipes any more
        return (out or b"").decode(), (err or b"").decode()

    def check_nothing_left(self) -> None:
        """Processes get a moment: those that only watch others end behind them."""
        until = time.monotonic() + 30
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        assert not left
        assert not [name for name in self.semaphores if name.exists()]
        assert not list(self._temporary.iterdir())

    def records(self) -> dict[str, dict[str, Any]]:
        """Return what the journal has."""
        (journal,) = (self.folder / "cache").rglob("fleet/*.jsonl")
        rows = [json.loads(line) for line in journal.read_bytes().splitlines()[1:]]
        assert len({row["file"] for row in rows}) == len(rows)
        return {row["file"]: row for row in rows}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> tuple[str, ...]:
    if request.param == "dask":
        pytest.importorskip("distributed")
    return ENGINES[request.param]


Begin = Callable[..., Run]


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short path, so that sockets lie below it, where what is left of them is looked for."""
    return tmp_path_factory.mktemp("e")


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """What begins a run; nothing of it outlives a test that fails."""
    runs: list[Run] = []

    def begin_run(*arguments: str, **options: Any) -> Run:
        runs.append(Run(tmp_path, *arguments, **options))
        return runs[-1]

    yield begin_run
    for run in runs:
        for process in run.processes():
            with contextlib.suppress(OSError):
                os.kill(int(process.name), signal.SIGKILL)
        run.process.communicate(timeout=60)


class Stuck:
    """A server that lets jobs hang, or fails for all of them; one file is done before."""

    def __init__(self, folder: Path, server: LoopbackServer, begin: Begin) -> None:
        make_remote(folder, server, 4)
        write_environment(folder, "d/first.yml", ["b"])
        self.folder, self.server, self.begin = folder, server, begin
        self._asked, self._over = threading.Event(), threading.Event()

    def hang(self, *arguments: str, **options: Any) -> Run:
        """Begin a run; return it once a job hangs and the one file is done."""

        def wait(_: object) -> bool:
            self._asked.set()
            self._over.wait(120)
            return False

        self.server.misbehave(wait)  # type: ignore[arg-type]
        run = self.begin("d", "e", *arguments, **options)
        assert self._asked.wait(60)
        return self._wait_for_first(run)

    def fail(self, *arguments: str, **options: Any) -> Run:
        """Begin a run; return it once all jobs have failed and are to be tried again."""
        self.server.fail("/small/", status=503)
        run = self.begin("d", "e", *arguments, "--patience", "100", "--retries", "0", **options)
        while len([seen for seen in self.server.seen if seen.status == 503]) < 5:  # one is tried again
            assert run.process.poll() is None
            time.sleep(0.05)
        return self._wait_for_first(run)

    def _wait_for_first(self, run: Run) -> Run:
        while not list((self.folder / "cache").rglob("fleet/*.jsonl")) or not run.records():
            assert run.process.poll() is None, run.end()
            time.sleep(0.05)
        return run

    def release(self) -> None:
        """Let everything be answered."""
        self._over.set()
        self.server.rules.clear()


@pytest.fixture
def stuck(tmp_path: Path, begin: Begin) -> Iterator[Stuck]:
    with LoopbackServer() as server:
        found = Stuck(tmp_path, server, begin)
        yield found
        found.release()


def to_process(*numbers: signal.Signals) -> Callable[[Run], None]:
    def send(run: Run) -> None:
        for number in numbers:
            run.process.send_signal(number)

    return send


def to_group(number: signal.Signals) -> Callable[[Run], None]:
    return lambda run: os.killpg(run.process.pid, number)


ENDINGS = {
    "SIGTERM": (to_process(signal.SIGTERM), -signal.SIGTERM, "ended by SIGTERM"),
    "SIGINT": (to_process(signal.SIGINT), 130, "interrupted"),
    "SIGINT twice": (to_process(signal.SIGINT, signal.SIGINT), 130, "interrupted"),
    "SIGINT, SIGTERM": (to_process(signal.SIGINT, signal.SIGTERM), None, ""),  # which comes first isn't told
    "SIGHUP": (to_process(signal.SIGHUP), -signal.SIGHUP, "ended by SIGHUP"),
    "SIGTERM to all": (to_group(signal.SIGTERM), -signal.SIGTERM, "ended by SIGTERM"),
    "SIGINT to all": (to_group(signal.SIGINT), 130, "interrupted"),
    "SIGHUP to all": (to_group(signal.SIGHUP), -signal.SIGHUP, "ended by SIGHUP"),
}


#: What is told of sources that are tried again.
WAITING = re.compile(r"\A\d files? waits? for [^\n]+\n`--patience 0` doesn't wait\.\n")


@pytest.mark.parametrize(
    ("how", "engine"),
    [
        (how, engine)
        for engine in ENGINES
        for how in ENDINGS
        if IS_WHOLE or engine == "pool" or how == "SIGTERM"
    ],
    indirect=["engine"],
)
def test_signals_while_jobs_are_under_way(how: str, stuck: Stuck, engine: tuple[str, ...]) -> None:
    run = stuck.hang(*engine)
    run.note_semaphores()
    check_end(run, how)
    stuck.release()
    done = fleet("d", "e", "--resume", "-v", "--workers", "0", folder=stuck.folder)
    assert done.code == 0, done.err
    assert "4 files to do on" in done.err
    assert "1 done before" in done.err
    assert sorted(run.records()) == ["d/first.yml", *(f"e/f{number}.yml" for number in range(4))]


@sampled
@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT twice", "SIGHUP to all"])
def test_signals_while_sources_are_waited_for(how: str, stuck: Stuck, engine: tuple[str, ...]) -> None:
    run = stuck.fail(*engine)
    run.note_semaphores()
    check_end(run, how)


def check_end(run: Run, how: str) -> None:
    send, code, word = ENDINGS[how]
    send(run)
    out, err = run.end()
    assert out == ""
    err = WAITING.sub("", err)  # told or not yet
    words = [word] if word else ["interrupted", "ended by SIGTERM"]
    assert err in [f"\n1 file is done: `--resume` goes on from there.\n\n{word}\n" for word in words]
    assert run.process.returncode in ([code] if code is not None else [130, -signal.SIGTERM])
    run.check_nothing_left()
    assert list(run.records()) == ["d/first.yml"]


@sampled
@pytest.mark.parametrize("part", range(4))
def test_signals_while_workers_start(
    part: int, tmp_path: Path, begin: Begin, engine: tuple[str, ...]
) -> None:
    """Wherever it is then; how long starting takes is the machine's, so it is looked for."""
    make_fleet(tmp_path, FILES)
    run = begin("e", *engine)
    # of the processes that there are once all are at work, so many
    while len(run.processes()) < 1 + part and run.process.poll() is None:
        time.sleep(0.01)
    time.sleep(part % 2 * 0.2)
    to_group((signal.SIGTERM, signal.SIGINT)[part % 2])(run)
    _, err = run.end()
    words = {"", "\ninterrupted\n", "\nended by SIGTERM\n"}
    assert run.process.returncode in (4, 130, -signal.SIGTERM, -signal.SIGINT)
    told = err.partition("goes on from there.\n")[2] or err
    assert told in words or run.process.returncode == 4, err
    run.check_nothing_left()


@sampled
def test_a_terminal_that_is_closed(stuck: Stuck, engine: tuple[str, ...]) -> None:
    master, slave = os.openpty()

    def lead() -> None:
        hear_interrupts()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    run = stuck.hang(*engine, stdout=slave, stderr=slave, before=lead)
    run.note_semaphores()
    os.close(slave)
    os.close(master)
    run.process.wait(timeout=120)
    assert run.process.returncode == -signal.SIGHUP
    run.check_nothing_left()
    assert list(run.records()) == ["d/first.yml"]


@sampled
def test_a_hangup_that_the_caller_ignores(stuck: Stuck, engine: tuple[str, ...]) -> None:
    run = stuck.hang(*engine, before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    to_group(signal.SIGHUP)(run)
    stuck.release()
    _, err = run.end()
    assert run.process.returncode == 0, err
    run.check_nothing_left()
    assert len(run.records()) == 5


@sampled
@pytest.mark.parametrize("arguments", [(), ("--json",), ("--html", "-")])
def test_nobody_reads_what_it_prints(
    arguments: tuple[str, ...], tmp_path: Path, begin: Begin, engine: tuple[str, ...]
) -> None:
    make_fleet(tmp_path, FILES)
    run = begin("e", *engine, *arguments)
    assert run.process.stdout is not None
    run.process.stdout.close()
    run.process.stdout = None
    _, err = run.end()
    assert err == ""
    assert run.process.returncode == 141
    run.check_nothing_left()
    assert sorted(run.records()) == sorted(FILES)


@sampled
def test_nobody_reads_what_it_says(tmp_path: Path, begin: Begin, engine: tuple[str, ...]) -> None:
    make_fleet(tmp_path, FILES)
    run = begin("e", *engine, "-v")
    assert run.process.stderr is not None
    run.process.stderr.close()
    run.process.stderr = None
    run.end()
    assert run.process.returncode == 141
    run.check_nothing_left()


def test_a_temporary_folder_whose_path_is_too_long_for_sockets(tmp_path: Path, begin: Begin) -> None:
    make_fleet(tmp_path, FILES)
    run = begin("e", "--workers", "2", temporary="t" * 110)
    _, err = run.end()
    assert "5 files: 4 done, 1 no solution in " in err
    assert run.process.returncode == 4
    run.check_nothing_left()


@sampled
def test_no_room_for_the_reports(tmp_path: Path, begin: Begin, engine: tuple[str, ...]) -> None:
    make_fleet(tmp_path, FILES)
    with small_disk(tmp_path / "small", SIZE - PAGE) as small:
        reports = [f"--{name}=small/x.{name}" for name in ("html", "csv", "sarif")]
        run = begin("e", *engine, *reports)
        out, err = run.end()
        assert run.process.returncode == 6
        assert "e/f0.yml  written\n" in out
        assert "5 files: 4 done, 1 no solution in " in err
        assert err.endswith(
            "error: can't write `small/x.html`: no space left on the disk\n"
            "error: can't write `small/x.sarif`: no space left on the disk\n\n"
            "hint: What was done is kept: the same command with `--resume`, and another place, writes it.\n"
        )
        assert sorted(path.name for path in small.iterdir()) == ["filler", "x.csv"]
    run.check_nothing_left()
    assert sorted(run.records()) == sorted(FILES)
    again = fleet("e", "--resume", "-v", "--html", "x.html", folder=tmp_path)
    assert again.code == 4
    assert "5 were done before" in again.err
    assert (tmp_path / "x.html").is_file()


@sampled
def test_no_room_for_the_journal(tmp_path: Path, begin: Begin, engine: tuple[str, ...]) -> None:
    make_fleet(tmp_path, FILES)
    with small_disk(tmp_path / "small", SIZE - PAGE) as small:
        run = begin("e", *engine, "--journal", "small/run.jsonl")
        _, err = run.end()
        assert run.process.returncode == 6
        assert err == "error: can't write `small/run.jsonl`: no space left on device\n"
        rows = (small / "run.jsonl").read_bytes().splitlines()[1:]
        assert len([row for row in rows if row.endswith(b"}")]) < len(FILES)
        run.check_nothing_left()
        (small / "filler").unlink()
        done = fleet("e", "--journal", "small/run.jsonl", "--resume", "--json", folder=tmp_path)
        assert len(done.out.splitlines()) == len(FILES)


@sampled
def test_standard_output_without_room(tmp_path: Path, begin: Begin, engine: tuple[str, ...]) -> None:
    make_fleet(tmp_path, FILES)
    with Path("/dev/full").open("wb") as full:
        run = begin("e", *engine, "--json", stdout=full)
    _, err = run.end()
    assert run.process.returncode == 6
    assert err == "error: can't write `standard output`: no space left on device\n"
    run.check_nothing_left()
    assert sorted(run.records()) == sorted(FILES)


@sampled
def test_what_is_said_without_room(tmp_path: Path, begin: Begin, engine: tuple[str, ...]) -> None:
    make_fleet(tmp_path, FILES)
    with Path("/dev/full").open("wb") as full:
        run = begin("e", *engine, "-v", stderr=full)
    run.end()
    assert run.process.returncode == 6
    run.check_nothing_left()


@sampled
def test_a_file_that_takes_too_long(stuck: Stuck, engine: tuple[str, ...]) -> None:
    run = stuck.hang(*engine, "--job-timeout", "2")
    run.note_semaphores()
    out, err = run.end()
    assert run.process.returncode == 1
    assert out.count("took too long\n") == 4
    assert "not done within the time for one file (2 s), and ended" in err
    assert "Traceback" not in err
    assert "Warning" not in err
    run.check_nothing_left()
    assert len(run.records()) == 5


def test_a_command_that_is_killed(stuck: Stuck) -> None:
    """What is left of it ends by itself, and takes with it what it has."""
    run = stuck.hang(*ENGINES["pool"])
    run.note_semaphores()
    assert list((stuck.folder / "tmp").iterdir())
    to_process(signal.SIGKILL)(run)
    out, err = run.end()
    assert (run.process.returncode, out) == (-signal.SIGKILL, "")
    assert "Warning" not in err
    assert "Traceback" not in err
    run.check_nothing_left()
    assert len(run.records()) == 1


def test_files_of_a_revision_go_with_the_run(stuck: Stuck) -> None:
    for words in (("init", "-q"), ("add", "d", "e"), ("commit", "-qm", "first")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words],
                       cwd=stuck.folder, check=True, timeout=60)  # fmt: skip
    run = stuck.begin("HEAD:", "--workers", "2", "--patience", "100", "--retries", "0")
    stuck.server.fail("/small/", status=503)
    while len(stuck.server.seen) < 5:
        assert run.process.poll() is None
        time.sleep(0.05)
    assert list((stuck.folder / "tmp").glob("lockstack-run-*"))
    to_process(signal.SIGTERM)(run)
    run.end()
    assert run.process.returncode == -signal.SIGTERM
    run.check_nothing_left()
