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
from tests.fleet.world import fleet, fleet_here, make_fleet

FILES = {"one/environment.yml": ["a"], "two/environment.yml": ["c"], "three/environment.yml": ["python"]}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_fleet(tmp_path_factory.mktemp("fleet"), FILES)
    done = fleet_here(".", folder=folder)
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
    count = len({file for file, *_ in case.holders})
    assert f"{count} of 3 lockfiles {'holds' if count == 1 else 'hold'} `{case.spec}`." in done.err


def test_who_holds_it_in_words(locked: Path) -> None:
    done = fleet("why", "a<2", ".", folder=locked)
    assert (
        done.out
        == "two/conda-lock.yml  linux-64  a 1.0  through c 1.0 > b 1.0, asked for: environment.yml:3:5: c\n"
    )


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
    done = fleet_here(".", "--csv", "-", "--sarif", "out.sarif", "--with", "check", folder=locked)
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["file"], row["outcome"], row["packages"]) for row in rows] == [
        ("one/environment.yml", "done", "1"),
        ("three/environment.yml", "done", "1"),
        ("two/environment.yml", "done", "3"),
    ]
    assert json.loads((locked / "out.sarif").read_text())["version"] == "2.1.0"


def test_sarif_says_what_the_verb_says(tmp_path: Path) -> None:
    """Of a definition: the same places (but for columns), and the same words with each rule's fact."""
    make_fleet(tmp_path, {"one/environment.yml": ["a", "python=3.12"]})
    fleet_here("one", "--sarif", "fleet.sarif", "--with", "hash", folder=tmp_path)
    lock("hash", "one/environment.yml", "--sarif", "verb.sarif", folder=tmp_path)
    found = []
    for name in ("fleet.sarif", "verb.sarif"):
        (run,) = json.loads((tmp_path / name).read_text())["runs"]
        for one in run["results"]:
            (place,) = one["locations"]
            place["physicalLocation"]["region"].pop("startColumn", None)
            del one["properties"]
        found.append(run["results"])
    assert len(found[0]) > 1
    assert found[0] == found[1]


def test_each_takes_folders_and_globs_too(locked: Path) -> None:
    done = lock("--each", "one", "t*/environment.yml", folder=locked)
    assert done.code == 0, done.err
    names = ("one/environment.yml  ", "three/environment.yml", "two/environment.yml  ")
    assert done.err.endswith("3 files:\n" + "".join(f"  {name}  done\n" for name in names))
    assert "no environment file in it" in lock("--each", "channels", folder=locked).err


UNREADABLE = [
    ("ssl<<3", "`ssl<<3`: `<<3` says no versions of `ssl`"),
    ("pypi:net ==", "`pypi:net ==`: `==` says no versions of `net`"),
    ("small::a >=1.", "`small::a >=1.`: `>=1.` says no versions of `a`"),
    ("<3", "`<3` names no package"),
    ("", "`` names no package"),
]


@pytest.mark.parametrize(("spec", "told"), UNREADABLE)
def test_a_text_that_nobody_can_read_is_told_by_what_is_wrong_with_it(
    locked: Path, spec: str, told: str
) -> None:
    done = fleet("why", spec, ".", folder=locked)
    assert (done.code, done.err.splitlines()[0]) == (2, f"error: SPEC: {told}")
    done = fleet_here(".", "--avoid", spec, folder=locked)
    assert (done.code, done.err.splitlines()[0]) == (2, f"error: --avoid: {told}")


def test_why_says_that_a_name_alone_is_meant(locked: Path) -> None:
    done = lock("why", "a<2", "two/conda-lock.yml", folder=locked)
    assert done.code == 2
    assert done.err.splitlines() == [
        "error: two/conda-lock.yml: `a<2` is no name of a package",
        "",
        "hint: A name alone is meant: `a`. `lock fleet why` takes versions: `openssl<3.0.15`.",
    ]


@pytest.mark.parametrize("held", [None, "[", '{"id": "X", "affected": "x"}'])
def test_an_advisory_file_that_cannot_be_read_ends_the_run_before_it_begins(
    locked: Path, tmp_path: Path, held: str | None
) -> None:
    place = tmp_path / "osv.json"
    if held is not None:
        place.write_text(held)
    done = fleet(".", "--advisories", str(place), folder=locked)
    assert done.code == 2
    assert str(place) in done.err.splitlines()[0], done.err
    assert "environment.yml" not in done.err
