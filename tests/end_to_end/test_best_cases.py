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


def test_yanked_pin(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with LoopbackServer(root=shared / "cases" / "best" / "yanked-pin" / "index") as server:
        flags = ("--python", "3.12", "--index-url", f"{server.url}/simple")
        for line in ("foo==2", "foo"):
            (tmp_path / "requirements.txt").write_text(f"{line}\n")
            assert locked(tmp_path, "requirements.txt", *flags) == ("foo-2-py3-none-any.whl",)
            assert "warning: `foo` 2 is yanked" in capsys.readouterr().err
