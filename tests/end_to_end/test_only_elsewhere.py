"""A pip line that only other platforms have a file for: it is limited to them, not dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.cli.process import Done
from tests.support.packages import make_wheel

TAGS = {
    "winonly": ["py3-none-win_amd64"],
    "maconly": ["py3-none-macosx_11_0_arm64", "py3-none-macosx_10_9_x86_64"],
    "armonly": ["py3-none-manylinux_2_17_aarch64", "py3-none-macosx_11_0_arm64"],
    "newglibc": ["py3-none-manylinux_2_99_x86_64", "py3-none-win_amd64"],
    "fine": ["py3-none-any"],
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    for project, tags in TAGS.items():
        (folder / project).mkdir()
        for tag in tags:
            (folder / project / f"{project}-1.0-{tag}.whl").write_bytes(make_wheel(project, "1.0"))
    return folder


def run(folder: Path, index: Path, file: str, text: str, *flags: str) -> Done:
    (folder / file).write_text(text)
    asked = (file, "--python", "3.12", "-p", "linux-64", "--index-url", index, *flags)
    return lock("explain", *asked, folder=folder)


YAML = "channels: []\ndependencies:\n- pip:\n  - fine  # [linux]\n  - {}\n"
CASES = [
    ("of one system", "winonly", "winonly  # [win]"),
    ("of one system, two processors", "maconly==1.0", "maconly==1.0  # [osx]"),
    ("of two systems", "armonly", "armonly  # [linux-aarch64 or osx-arm64]"),
    ("with a comment", "winonly  # why", "winonly  # why [win]"),
]


@pytest.mark.parametrize(("why", "line", "new"), CASES, ids=[case[0] for case in CASES])
def test_a_selector_in_an_environment_file(
    why: str, line: str, new: str, index: Path, tmp_path: Path  # noqa: ARG001
) -> None:  # fmt: skip
    assert run(tmp_path, index, "environment.yml", YAML.format(line), "--apply", "1").code == 0
    assert (tmp_path / "environment.yml").read_text() == YAML.format(new)
    again = run(tmp_path, index, "environment.yml", YAML.format(new))
    assert (again.code, "there is a solution" in again.err) == (0, True)


def test_a_marker_where_pip_reads_the_file(index: Path, tmp_path: Path) -> None:
    assert run(tmp_path, index, "requirements.txt", "fine\nwinonly\n", "--apply", "1").code == 0
    assert (tmp_path / "requirements.txt").read_text() == "fine\nwinonly ; sys_platform == 'win32'\n"
    assert run(tmp_path, index, "requirements.txt", "fine\nwinonly ; sys_platform == 'win32'\n").code == 0


def test_no_selector_where_the_machine_is_too_old(index: Path, tmp_path: Path) -> None:
    done = run(tmp_path, index, "environment.yml", YAML.format("newglibc"))
    assert done.code == 4
    assert "[win]" not in done.out
    assert "__glibc=2.99" in done.out
