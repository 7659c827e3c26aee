"""The collected cases of "best", each run as it lies there; what is right is in its ``expected.md``."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.end_to_end.inside import run
from tests.support.server import LoopbackServer

pytestmark = pytest.mark.shared


class Case(NamedTuple):
    folder: str
    file: str
    flags: tuple[str, ...]
    expected: tuple[str, ...]  #: files that are locked


CASES = [
    Case("exclude-newer-tarbz2", "environment.yml", ("--exclude-newer", "2022-01-01"),
         ("foo-3.0-build_1.tar.bz2",)),
    Case("spec-bracket-channel", "v2.yml", (), ("foo-2.0-0.conda",)),
    Case("spec-bracket-channel", "v3.yml", (), ("foo-2.0-0.conda",)),
    Case("flexible-priority", "environment.yml", ("--channel-priority", "flexible"), ("foo-1.0-0.tar.bz2",)),
    Case("build-variant", "tensorflow.yml", (),
         ("python-3.11.8-h0_0_cpython.conda", "tensorflow-2.15.0-cuda120py311h1a2b3c0_0.conda")),
    Case("build-variant", "pnpm.yml", (), ("nodejs-26.6.0-h_0.conda", "pnpm-11.19.0-h_b_0.conda")),
    Case("track-features", "environment.yml", (), ("foo-1.0.0-b0_0.conda",)),
]  # fmt: skip


def locked(folder: Path, *arguments: str) -> tuple[str, ...]:
    """Lock in a folder; return the names of the files in the lockfile."""
    assert run(*arguments, "-p", "linux-64", "-o", "conda-lock.yml", folder=folder) == 0
    text = (folder / "conda-lock.yml").read_text()
    return tuple(re.findall(r"^ +url: \S*/([^/\s]+\.(?:conda|tar\.bz2|whl))$", text, re.MULTILINE))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.folder}/{case.file}")
def test_case(case: Case, shared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(shared / "cases" / "best" / case.folder, folder)
    file = folder / case.file
    file.write_text(file.read_text().replace("FOLDER", str(folder)))
    assert locked(folder, case.file, *case.flags) == case.expected


MOVES = [
    ("a.yml", (), ("click-6.7-py36_0.tar.bz2", "flask-1.0-py36_0.tar.bz2", "python-3.6.6-0.tar.bz2")),
    ("a2.yml", (), ("click-6.7-py36_0.tar.bz2", "flask-1.0-py36_0.tar.bz2", "python-3.6.6-0.tar.bz2")),
    ("b.yml", ("--update", "flask"), ("flask-1.1-py36_0.tar.bz2", "python-3.6.6-0.tar.bz2")),
]


@pytest.mark.parametrize(("file", "flags", "expected"), MOVES, ids=[case[0] for case in MOVES])
def test_what_stays(
    file: str, flags: tuple[str, ...], expected: tuple[str, ...], shared: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    shutil.copytree(shared / "cases" / "best" / "stay-put-transitive", folder)
    locked(folder, "first.yml")
    assert locked(folder, file, *flags) == expected


def test_a_puzzle_ends(shared: Path, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(shared / "cases" / "best" / "hard-unsat", folder)
    assert run("environment.yml", "-p", "linux-64", folder=folder) == 4


def test_yanked_pin(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with LoopbackServer(root=shared / "cases" / "best" / "yanked-pin" / "index") as server:
        flags = ("--python", "3.12", "--index-url", f"{server.url}/simple")
        for line in ("foo==2", "foo"):
            (tmp_path / "requirements.txt").write_text(f"{line}\n")
            assert locked(tmp_path, "requirements.txt", *flags) == ("foo-2-py3-none-any.whl",)
            assert "warning: `foo` 2 is yanked" in capsys.readouterr().err
