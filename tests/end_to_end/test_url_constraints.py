"""Constraints that name places: they bind what comes in, and bring nothing in."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.formats.conda_lock.text import read_conda_lock
from tests.cli.here import lock
from tests.support.packages import make_wheel

ARGUMENTS = ("requirements.txt", "-p", "linux-64", "--python", "3.12", "-o", "out.yml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of wheels: ``alone``, ``user`` (which needs ``lib``) and ``lib`` in two versions."""
    for name, version, needs in (
        ("alone", "1.0", ()),
        ("user", "1.0", ("lib",)),
        ("lib", "1.0", ()),
        ("lib", "2.0", ()),
    ):
        file = tmp_path / f"{name}-{version}-py3-none-any.whl"
        file.write_bytes(make_wheel(name, version, list(needs)))
    return tmp_path


def write(folder: Path, *lines: str, constraints: tuple[str, ...]) -> None:
    def whole(line: str) -> str:
        return line.replace("FOLDER", folder.as_posix())

    head = ("--no-index", "--find-links .", "-c constraints.txt")
    (folder / "requirements.txt").write_text("\n".join([*head, *map(whole, lines)]) + "\n")
    (folder / "constraints.txt").write_text("\n".join(map(whole, constraints)) + "\n")


FIRST = "lib @ file://FOLDER/lib-1.0-py3-none-any.whl"
SECOND = "lib @ file://FOLDER/lib-2.0-py3-none-any.whl"


@pytest.mark.parametrize("constraints", [(FIRST, SECOND), (SECOND, FIRST), (FIRST, FIRST)])
def test_two_places_for_a_project_that_nobody_needs(folder: Path, constraints: tuple[str, ...]) -> None:
    write(folder, "alone", constraints=constraints)
    done = lock(*ARGUMENTS, folder=folder)
    assert done.code == 0, done.err
    assert "name: alone" in (folder / "out.yml").read_text()
    assert "name: lib" not in (folder / "out.yml").read_text()


@pytest.mark.parametrize("constraints", [(FIRST, SECOND), (SECOND, FIRST)])
@pytest.mark.parametrize("line", ["user", "lib"])
def test_two_places_for_a_project_that_is_needed(
    folder: Path, line: str, constraints: tuple[str, ...]
) -> None:
    write(folder, line, constraints=constraints)
    done = lock(*ARGUMENTS, folder=folder)
    assert done.code == 4, done.err
    assert "constraints.txt:2" in done.err


@pytest.mark.parametrize(("constraint", "version"), [(FIRST, "1.0"), (SECOND, "2.0")])
def test_one_place_binds_what_comes_in(folder: Path, constraint: str, version: str) -> None:
    write(folder, "user", constraints=(constraint,))
    done = lock(*ARGUMENTS, folder=folder)
    assert done.code == 0, done.err
    locked = read_conda_lock((folder / "out.yml").read_text(), "out.yml").packages
    assert {package.name: package.version for package in locked} == {"user": "1.0", "lib": version}


def test_a_requirement_and_a_constraint_that_name_different_places(folder: Path) -> None:
    write(folder, SECOND, constraints=(FIRST,))
    done = lock(*ARGUMENTS, folder=folder)
    assert done.code == 2
    assert "`lib` is to come from two places" in done.err
