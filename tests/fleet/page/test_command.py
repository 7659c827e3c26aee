"""``lock fleet --html`` as a process: what is written, what isn't in it, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.process import lock
from tests.fleet.page.test_html import data_of
from tests.fleet.world import fleet, make_fleet

FILES = {"one/environment.yml": ["a", "python"], "one/other.yml": ["c"], "two/clash.yml": ["a >=2", "b"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_fleet(tmp_path, FILES)


def test_the_page_of_a_run(folder: Path) -> None:
    done = fleet(".", "--workers", "0", "--html", "fleet.html", "--with", "hash", "--json", folder=folder)
    assert done.code == 4, done.err
    assert "Wrote `fleet.html`." in done.err
    assert len(done.out.splitlines()) == 3
    text = (folder / "fleet.html").read_text(encoding="utf-8")
    assert str(folder) not in text
    page = data_of(text)
    assert page["title"] == folder.name
    assert page["work"] == ["lock", "hash"]
    files = [one["file"] for one in page["environments"]]
    assert files == sorted(FILES)
    assert [one["state"] for one in page["environments"]] == ["made now", "made now", "missing"]
    assert [(one["text"], one["environments"]) for one in page["causes"]] == [("a >=2 | b", [2])]
    rows = {page["names"][row[0]][0]: [page["names"][n][0] for n in row[5]] for row in page["packages"]}
    assert rows == {"a": [], "b": ["a"], "c": ["b"], "python": []}
    assert {number for image in page["images"] for number in image["environments"]} == {0, 1}


def test_a_page_of_a_check_goes_to_standard_output(folder: Path) -> None:
    done = fleet("one", "--check", "--workers", "0", "--html", "-", folder=folder)
    assert done.code == 5, done.err
    page = data_of(done.out)
    assert [one["state"] for one in page["environments"]] == ["missing", "missing"]


def test_a_check_of_lockfiles_that_are_there_names_their_packages(folder: Path) -> None:
    """Nothing is solved for it, and what was asked for is known by the file."""
    assert fleet("one", "--workers", "0", folder=folder).code == 0
    made = ("one", "--check", "--with", "check", "--workers", "0", "--html", "-")
    page = data_of(fleet(*made, folder=folder).out)
    assert [one["state"] for one in page["environments"]] == ["up to date", "up to date"]
    assert [one["targets"][0]["count"] for one in page["environments"]] == [2, 3]
    asked = [[page["packages"][n] for n in one["targets"][0]["asked"]] for one in page["environments"]]
    assert [[page["names"][row[0]][0] for row in rows] for rows in asked] == [["a", "python"], ["c"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--html", "nowhere/fleet.html"), "nowhere/fleet.html"),
        (("--html", "one"), "is a folder"),
        (("--html", "-", "--json"), "standard output can't hold that of `--html` too"),
        (("--html", "-", "--csv", "-"), "standard output can't hold that of `--csv` too"),
    ],
    ids=["no such folder", "a folder", "and JSON", "and CSV"],
)
def test_what_cannot_be_is_refused_before_anything_is_done(
    folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = fleet("one", *arguments, folder=folder)
    assert done.code != 0
    assert words in done.err
    assert not list(folder.glob("**/*conda-lock.yml"))


def test_the_page_of_a_merge(folder: Path) -> None:
    done = lock("fleet", "one", "--merge", "--html", "merged.html", "--json", folder=folder)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    text = (folder / "merged.html").read_text(encoding="utf-8")
    assert str(folder) not in text
    merges = data_of(text)["merges"]
    assert (merges["environments"], merges["images"], merges["lower"]) == (
        said["environments"], said["images"], said["at_least"],
    )  # fmt: skip
    (offer,) = merges["groups"][0]["offers"]
    assert offer["members"] == ["one/environment.yml", "one/other.yml"]
    assert offer["builds"] == 1
    moves = {one["name"]: one for one in offer["moves"]}
    assert moves["one/environment.yml"]["changes"] == ["↓ a 2.0 -> 1.0"]
