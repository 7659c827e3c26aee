"""`-v` writes stages with their times, `-vv` every request and conflict; no secret, no control character."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from lockfiles.cli.terminal import Terminal
from lockfiles.cli.verbose import VerboseProgress
from resolver.model.target import Target
from resolver.solving.reporter import Effort, Stage
from tests.cli.here import lock
from tests.support.packages import write_index

RELEASES = {
    "app": {"2.0": ["base>=2", "deep<2"], "1.0": ["base>=1"]},
    "base": {"2.0": ["deep>=2"], "1.0": []},
    "deep": {"2.0": [], "1.0": []},
}
STAGE = re.compile(r"^ *[\d.]+ (?:s|min [\d.]+ s)  (.*)$")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("index"), RELEASES)


def stages(text: str) -> list[str]:
    return [found[1].partition(":")[0] for line in text.splitlines() if (found := STAGE.match(line))]


def run(index: Path, folder: Path, *flags: str, verb: str = "", lines: str = "app\n") -> tuple[str, str]:
    (folder / "requirements.txt").write_text(lines)
    asked = ("requirements.txt", "--python", "3.12", "-p", "linux-64", "--index-url", index, *flags)
    done = lock(*([verb] if verb else []), *asked, folder=folder)
    assert done.code in (0, 4), done.err
    return done.out, done.err


SEARCH = ["first solution", "proof of best", "everything else", "answer put together"]
END = ["lockfile compared and written"]


def test_stages_of_a_lock(index: Path, tmp_path: Path) -> None:
    _, said = run(index, tmp_path, "-v")
    assert stages(said) == ["files and settings read", "an answer remembered", *SEARCH, *END]
    assert "\nlinux-64\n" in said
    assert "request" not in said.replace(" requests", "")
    assert "conflict 1" not in said
    _, again = run(index, tmp_path, "-v")
    assert "an answer remembered: " in again
    assert stages(again)[-1] == "lockfile compared"


def test_nothing_of_it_unless_asked(index: Path, tmp_path: Path) -> None:
    for flags in ((), ("-q",), ("--json",)):
        _, said = run(index, tmp_path, *flags)
        assert stages(said) == []


def test_every_request_and_conflict(index: Path, tmp_path: Path) -> None:
    _, said = run(index, tmp_path, "-vv", lines="app\ndeep\n")
    conflicts = [line for line in said.splitlines() if line.startswith("conflict ")]
    counted = re.findall(r"first solution: [\d,]+ decisions?, ([\d,]+) conflict", said)
    assert conflicts
    assert int(counted[0]) <= len(conflicts)
    assert all("not together: " in line or "nothing is left" in line for line in conflicts)
    assert any("app 2.0" in line for line in conflicts)


def test_stages_of_an_explanation(index: Path, tmp_path: Path) -> None:
    out, said = run(index, tmp_path, "-vv", verb="explain", lines="app==2.0\n")
    assert "can't be met" in out
    assert stages(said) == ["files and settings read", "conflict found", "changes tried"]
    assert "conflict 1: " in said
    _, fine = run(index, tmp_path, "-v", verb="explain", lines="app\n")
    assert stages(fine) == ["files and settings read", "a solution found"]


def test_no_secret_and_no_control_character() -> None:
    terminal = Terminal(stdout=io.StringIO(), stderr=io.StringIO(), verbosity=2)
    progress = VerboseProgress(terminal, 0.0)
    progress.target_started(Target(subdir="linux-64"))
    where = "https://user:hunter2@i.example.org/simple/a\x1b[2Jb/?X-Amz-Signature=deadbeef"
    progress.fetch_started(where)
    progress.fetch_done(where, 2048)
    progress.searched(Stage.FIRST, Effort(decisions=1, conflicts=1234))
    assert isinstance(terminal.stderr, io.StringIO)
    said = terminal.stderr.getvalue()
    assert "hunter2" not in said
    assert "deadbeef" not in said
    assert "\x1b" not in said
    assert "2.0 kB in " in said
    assert "first solution: 1 decision, 1,234 conflicts" in said


def test_builds_are_told_with_their_time() -> None:
    terminal = Terminal(stdout=io.StringIO(), stderr=io.StringIO(), verbosity=1)
    progress = VerboseProgress(terminal, 0.0)
    progress.build_started("a-1\x1b[2J.tar.gz")
    progress.build_done("a-1\x1b[2J.tar.gz")
    assert isinstance(terminal.stderr, io.StringIO)
    (line,) = (line for line in terminal.stderr.getvalue().splitlines() if "building" in line)
    assert re.fullmatch(r"building a-1\?\[2J\.tar\.gz: 0\.\d\d s", line)


def test_equal_requests_under_way_at_once_are_each_told() -> None:
    terminal = Terminal(stdout=io.StringIO(), stderr=io.StringIO(), verbosity=2)
    progress = VerboseProgress(terminal, 0.0)
    for _ in range(2):
        progress.fetch_started("https://i.example.org/a")
    for size in (1, 2):
        progress.fetch_done("https://i.example.org/a", size)
    assert isinstance(terminal.stderr, io.StringIO)
    assert terminal.stderr.getvalue().count("request https://i.example.org/a: ") == 2
    assert progress.fetched == 2
