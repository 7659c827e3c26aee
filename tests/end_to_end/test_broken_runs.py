"""Runs that end badly: the lockfile stays as it is, the cache stays whole, and nobody sees a traceback."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.process import ROOT, environ
from tests.end_to_end.inside import run
from tests.end_to_end.sample import write_sample
from tests.end_to_end.written import ONE_FILE, Writing
from tests.support.amount import IS_WHOLE
from tests.support.server import LoopbackServer
from tests.support.signals import hear_interrupts
from tests.support.small_disk import small_disk

FILE = """\
channels: [conda-forge]
dependencies:
- python=3.11
- numpy
- pip:
  - python-dotenv==1.0.1
  - azure-identity==1.16.1
"""
OTHER = FILE.replace("- numpy\n", "- numpy=1.26\n- joblib\n")


@pytest.fixture(scope="module")
def sample_server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        write_sample(Writing(channel_form=ONE_FILE)).serve(made)
        yield made


@pytest.fixture(scope="module")
def earlier(sample_server: LoopbackServer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The lockfile of an earlier state of the file, the same in every folder."""
    folder = tmp_path_factory.mktemp("earlier")
    (folder / "environment.yml").write_text(FILE)
    assert run("environment.yml", "-q", folder=folder, **variables_of(sample_server)) == 0
    return (folder / "conda-lock.yml").read_bytes()


@pytest.fixture
def server(sample_server: LoopbackServer) -> Iterator[LoopbackServer]:
    """The sample's server, as it was for every test."""
    files = dict(sample_server.files)
    yield sample_server
    sample_server.files = files
    sample_server.rules.clear()
    sample_server.seen.clear()


def variables_of(server: LoopbackServer) -> dict[str, str]:
    return {
        "LOCK_CHANNEL_ALIAS": f"{server.url}/conda",
        "LOCK_INDEX_URL": f"{server.url}/pypi",
        "LOCK_RETRIES": "1",
    }


class Project:
    """A folder with a lockfile of an earlier state of the environment file."""

    def __init__(self, folder: Path, server: LoopbackServer, earlier: bytes) -> None:
        self.folder, self.server, self.before = folder, server, earlier
        self.lockfile = folder / "conda-lock.yml"
        self.variables = variables_of(server)
        self.lockfile.write_bytes(earlier)
        self.write(OTHER)

    def write(self, text: str) -> None:
        (self.folder / "environment.yml").write_text(text)

    def lock(self, *arguments: str | Path, **variables: str) -> int:
        return run("environment.yml", "-q", *arguments, folder=self.folder, **self.variables | variables)

    def start(self, *arguments: str, limit: Callable[[], object] = hear_interrupts) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "lockfiles.cli", "environment.yml", *arguments],
            cwd=self.folder, preexec_fn=limit,
            # a process that may not write whole files would leave broken bytecode behind
            env=environ(self.folder, PYTHONDONTWRITEBYTECODE="1", **self.variables),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def check_untouched(self) -> None:
        assert self.lockfile.read_bytes() == self.before
        assert not list(self.folder.glob(".conda-lock.yml*")), "a half-written file was left behind"

    def check_recovers(self) -> None:
        """Lock with the cache of the bad run, and compare with a run that never met anything bad."""
        self.server.rules.clear()
        assert self.lock() == 0
        found = self.lockfile.read_bytes()
        assert found != self.before
        self.lockfile.write_bytes(self.before)
        assert self.lock("--cache-dir", self.folder / "new") == 0
        assert self.lockfile.read_bytes() == found


@pytest.fixture
def project(tmp_path: Path, server: LoopbackServer, earlier: bytes) -> Project:
    return Project(tmp_path, server, earlier)


Break = Callable[[LoopbackServer], None]
NETWORK: list[object] = [
    pytest.param(lambda s: s.fail("/conda", status=500), id="the channel answers 500"),
    pytest.param(lambda s: s.fail("/pypi/azure-core", status=503), id="a page answers 503"),
    pytest.param(lambda s: s.fail("/conda", status=429), id="the channel answers 429"),
    pytest.param(lambda s: s.truncate("/conda/conda-forge/linux-64"), id="half of the repodata"),
    pytest.param(lambda s: s.truncate("/pypi/msal"), id="half of a page"),
    pytest.param(lambda s: s.drop("/conda"), id="the channel hangs up"),
    pytest.param(lambda s: s.drop("/pypi"), id="the index hangs up"),
    pytest.param(lambda s: s.redirect("/pypi", s.url + "/pypi"), id="redirects in a circle"),
    pytest.param(lambda s: s.redirect("/conda", "http://127.0.0.1:1"), id="redirects to nobody"),
    pytest.param(
        lambda s: s.files.update({"conda/conda-forge/linux-64/repodata.json": b'{"packages": {"a'}),
        id="repodata ends early",
    ),
    pytest.param(
        lambda s: s.files.update({"conda/conda-forge/linux-64/repodata.json": b"<html>Sign in</html>"}),
        id="a login page in place of repodata",
    ),
    pytest.param(
        lambda s: s.files.update({"pypi/python-dotenv/index.html": b"\x00\xff\xfe{{{"}), id="a page of noise"
    ),
]


@pytest.mark.parametrize("spoil", NETWORK)
def test_a_broken_network(spoil: Break, project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    spoil(project.server)
    code = project.lock()
    out, err = capfd.readouterr()
    assert code in (3, 4), err
    assert (out, err[:7]) == ("", "error: ")
    assert "Traceback" not in err
    assert "unexpected" not in err
    project.check_untouched()


def test_nobody_there(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    nobody = "http://127.0.0.1:1"
    for variable in ("LOCK_CHANNEL_ALIAS", "LOCK_INDEX_URL"):
        code = project.lock(**{variable: nobody})
        err = capfd.readouterr().err
        assert code == 3, err
        assert nobody in err
        assert "refused" in err
        project.check_untouched()


def test_offline_with_nothing_kept(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    assert project.lock("--offline") == 3
    err = capfd.readouterr().err
    assert "not in the cache" in err
    assert "\nhint: Lock once without `--offline`.\n" in err
    project.check_untouched()


BAD_INPUTS = [
    pytest.param("channels: [conda-forge]\ndependencies: [numpy==]\n", 2, id="bad input"),
    pytest.param(FILE.replace("numpy", "nosuchpackageatall"), 4, id="no such package"),
    pytest.param(FILE.replace("numpy", "numpy=0.1"), 4, id="no solution"),
    pytest.param(FILE.replace("[conda-forge]", "[no-such-channel]"), 3, id="no such channel"),
]


@pytest.mark.parametrize(("text", "expected"), BAD_INPUTS)
def test_other_failures(text: str, expected: int, project: Project) -> None:
    project.write(text)
    assert project.lock() == expected
    project.check_untouched()


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert process.poll() is None, process.communicate(timeout=60)
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("place", "sent"),
    [
        (place, sent)
        for place in ("/conda/conda-forge/noarch", "/pypi/msal")
        for sent in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
        if IS_WHOLE or (place == "/pypi/msal") == (sent is signal.SIGINT)
    ],
)
def test_stopped_half_way(sent: signal.Signals, place: str, project: Project) -> None:
    project.server.slow(place, 3.0, times=4)
    process = project.start()
    seen = len(project.server.rules)
    wait_until(lambda: seen > 0 and project.server.rules[0].times != 4, process)
    time.sleep(0.1)
    started = time.monotonic()
    process.send_signal(sent)
    _, err = process.communicate(timeout=20)
    if sent is signal.SIGINT:
        assert process.returncode == 130
        assert err.endswith("interrupted\n")
        assert time.monotonic() - started < 2.5, "it waited for the server"
    else:
        assert process.returncode == -sent
    assert "Traceback" not in err
    project.check_untouched()
    project.check_recovers()


def limit_files(size: int) -> Callable[[], object]:
    """Return what lets a process write no file beyond ``size`` bytes."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [0, 5_000, 60_000])
def test_no_room(size: int, project: Project) -> None:
    """The cache does without its folder; the lockfile is written whole or not at all."""
    process = project.start(limit=limit_files(size))
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode in (0, 6), err
    if process.returncode == 6:
        assert "error: can't write `conda-lock.yml`: " in err
        project.check_untouched()
        assert size < len(project.before)
    project.lockfile.write_bytes(project.before)
    project.check_recovers()


def test_a_full_disk(project: Project, tmp_path: Path) -> None:
    """A folder of 64 KiB, with the lockfile and the cache in it."""
    with small_disk(tmp_path / "small", 30_000 - len(project.before) % 4096) as small:
        lockfile = small / "conda-lock.yml"
        lockfile.write_bytes(project.before)
        process = project.start("-o", str(lockfile), "--cache-dir", str(small / "cache"))
        _, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        assert process.returncode == 6, err
        assert "no space left on the disk" in err
        assert lockfile.read_bytes() == project.before
        assert sorted(path.name for path in small.iterdir()) == ["cache", "conda-lock.yml", "filler"]


def test_a_folder_that_may_not_be_written(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    closed = project.folder / "closed"
    closed.mkdir()
    (closed / "conda-lock.yml").write_bytes(project.before)
    closed.chmod(0o555)
    try:
        if os.access(closed, os.W_OK):
            pytest.skip("this user may write everywhere")
        assert project.lock("-o", closed / "conda-lock.yml") == 1
        assert "no permission" in capfd.readouterr().err
        assert (closed / "conda-lock.yml").read_bytes() == project.before
    finally:
        closed.chmod(0o755)


#: Interrupts the process where a module is about to be imported, whoever else finds modules first.
INTERRUPTER = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["INTERRUPT_AT"]:
            os.kill(os.getpid(), signal.SIGINT)

class First(list):
    def insert(self, place, finder):
        super().insert(max(place, 1), finder)

sys.meta_path = First([Finder(), *sys.meta_path])
"""


@pytest.mark.parametrize(
    ("module", "flags"),
    [
        ("lockfiles.cli.verbs", ()),
        ("lockfiles.cli.plain_parser", ()),
        ("argparse", ("--quie",)),  # which a plain line doesn't need
        ("lockfiles.cli.lock.arguments", ()),
        ("lockfiles.cli.lock.command", ()),
        ("resolver.pipeline", ()),
    ],
)
def test_an_interrupt_while_modules_are_imported_is_no_traceback(
    module: str, flags: tuple[str, ...], project: Project, tmp_path: Path
) -> None:
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(INTERRUPTER)
    project.variables |= {"PYTHONPATH": f"{tmp_path / 'hook'}{os.pathsep}{ROOT}", "INTERRUPT_AT": module}
    process = project.start(*flags)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (-signal.SIGINT, 130), err
    assert "Traceback" not in err
    project.check_untouched()
