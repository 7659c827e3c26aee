"""``lock FILE --output LOCK --check`` where LOCK is another tool's: is it an answer to the file?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.formats.universal.specimens import SPECIMENS

PROJECT = """\
[project]
name = "web"
version = "0.1.0"
requires-python = ">=3.11,<3.12"
dependencies = [
    "requests[socks]>=2.30",
    "tool; sys_platform == 'win32'",
]

[dependency-groups]
dev = ["check"]
"""


@pytest.fixture(params=SPECIMENS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / request.param).write_text(SPECIMENS[request.param])
    return tmp_path / request.param


def check(project: Path, *more: str) -> tuple[int, str]:
    done = lock(
        "pyproject.toml", "--output", project.name, "--check", "--offline", *more, folder=project.parent
    )
    return done.code, done.out + done.err


def test_a_lockfile_of_another_tool_answers_its_project(project: Path) -> None:
    before = project.read_text()
    assert check(project)[0] == 0, check(project)[1]
    assert check(project, "--group", "dev")[0] == 0
    assert check(project, "-p", "linux-64", "-p", "win-64")[0] == 0
    assert project.read_text() == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("socks]>=2.30", "socks]>=3", "`requests[socks]>=3` is asked for, the lockfile has requests 2.31.0"),
        ("dependencies = [\n", 'dependencies = [\n    "flask",\n', "`flask`"),
    ],
)
def test_a_line_that_is_not_met_is_named(project: Path, old: str, new: str, message: str) -> None:
    path = project.parent / "pyproject.toml"
    path.write_text(PROJECT.replace(old, new))
    code, text = check(project)
    assert code == 5, text
    assert message in text
    assert "pyproject.toml:6:" in text
    assert "hint: run the tool that wrote it" in text


def test_a_group_that_it_lacks_is_a_line_that_is_not_met(project: Path) -> None:
    path = project.parent / "pyproject.toml"
    path.write_text(PROJECT + 'docs = ["sphinx"]\n')
    code, text = check(project, "--group", "docs")
    assert code == 5, text
    assert "sphinx" in text


def test_what_was_chosen_in_reading_is_said_and_listed(tmp_path: Path) -> None:
    text = SPECIMENS["uv.lock"].replace(">=3.11, <3.12", ">=3.11")
    (tmp_path / "uv.lock").write_text(text)
    for arguments in (["check", "uv.lock"], ["diff", "uv.lock", "uv.lock"]):
        done = lock(*arguments, "--json", folder=tmp_path)
        rows = done.json["checked"][0] if arguments[0] == "check" else done.json
        codes = {notice["code"] for notice in rows["notices"]}
        assert codes == {"read-for-python", "members-left-out"}, done.err
        assert "read for 3.11; `--python` chooses another" in done.err
        quiet = lock(*arguments, "--python", "3.11", folder=tmp_path)
        assert "read for" not in quiet.err
    done = lock("hash", "uv.lock", "--image", "ubuntu:22.04", folder=tmp_path)
    assert "read for 3.11; `--python` chooses another" in done.err
    assert "python=3.11" in lock("hash", "uv.lock", "--image", "ubuntu:22.04", "--json", folder=tmp_path).out
    done = lock("export", "uv.lock", "-f", "requirements", "--json", folder=tmp_path)
    assert any("read for 3.11" in remark for remark in done.json["remarks"])
