"""``lock fleet why``: which lockfiles hold a package, and through whom; and the fleet's other outputs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from lockfiles.fleet.holding import parse_wanted
from resolver.errors import InputError
from tests.cli.process import lock
from tests.fleet.world import fleet, make_fleet

FILES = {"one/environment.yml": ["a"], "two/environment.yml": ["c"], "three/environment.yml": ["python"]}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_fleet(tmp_path_factory.mktemp("fleet"), FILES)
    done = fleet(".", folder=folder)
    assert done.code == 0, done.err
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    why: str
    spec: str
    holders: tuple[tuple[str, str, tuple[str, ...]], ...]  #: file, version, way


CASES = [
    Case(why="below a version", spec="a<2", holders=(("two/conda-lock.yml", "1.0", ("c 1.0", "b 1.0")),)),
    Case(why="by name", spec="a", holders=(("one/conda-lock.yml", "2.0", ()),
         ("two/conda-lock.yml", "1.0", ("c 1.0", "b 1.0")))),
    Case(why="as conda writes it", spec="a 1.*",
         holders=(("two/conda-lock.yml", "1.0", ("c 1.0", "b 1.0")),)),
    Case(why="of PyPI alone", spec="pypi:a", holders=()),
    Case(why="nobody has it", spec="nosuch", holders=()),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_who_holds_it(locked: Path, case: Case) -> None:
    done = fleet("why", case.spec, "--json", folder=locked)
    assert done.code == 0, done.err
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [(h["file"], h["version"], tuple(h["through"])) for h in found] == sorted(case.holders)
    assert f"of 3 lockfiles hold `{case.spec}`" in done.err


def test_who_holds_it_in_words(locked: Path) -> None:
    done = fleet("why", "a<2", ".", folder=locked)
    assert done.out == "two/conda-lock.yml  linux-64  a 1.0  c 1.0 > b 1.0 < two/environment.yml:3:5: c\n"


def test_a_lockfile_that_cannot_be_read_is_told(locked: Path) -> None:
    bad = locked / "bad.conda-lock.yml"
    bad.write_text("version: 1\nmetadata: {}\npackage: [a\n")
    done = fleet("why", "a<2", folder=locked)
    bad.unlink()
    assert done.code == 2
    assert "two/conda-lock.yml" in done.out
    assert "error: bad.conda-lock.yml" in done.err


@pytest.mark.parametrize("spec", ["", "<2", "pypi:=="])
def test_what_names_no_package(spec: str) -> None:
    with pytest.raises(InputError, match="names no package"):
        parse_wanted(spec)


def test_csv_and_sarif(locked: Path) -> None:
    done = fleet(".", "--csv", "-", "--sarif", "out.sarif", "--with", "check", folder=locked)
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["file"], row["outcome"], row["packages"]) for row in rows] == [
        ("one/environment.yml", "done", "1"),
        ("three/environment.yml", "done", "1"),
        ("two/environment.yml", "done", "3"),
    ]
    assert json.loads((locked / "out.sarif").read_text())["version"] == "2.1.0"


def test_each_takes_folders_and_globs_too(locked: Path) -> None:
    done = lock("--each", "one", "t*/environment.yml", folder=locked)
    assert done.code == 0, done.err
    names = ("one/environment.yml  ", "three/environment.yml", "two/environment.yml  ")
    assert done.err.endswith("3 files:\n" + "".join(f"  {name}  done\n" for name in names))
    assert "no environment file in it" in lock("--each", "channels", folder=locked).err
