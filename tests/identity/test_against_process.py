"""``lock hash NEW --against OLD`` as a process, with resolutions made over the sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import Done, lock, make_project

IMAGE = "registry.example.org/base:1@sha256:" + "ab" * 32
OLD = """\
channels: [conda-forge]
dependencies: [python=3.11, numpy, pandas, pip, {pip: [python-dotenv, 'click==8.1.7']}]
"""
#: What the image was built from on the day it was built.
EARLIER = (
    OLD.replace("numpy,", "numpy=1.26.4,")
    .replace("pandas,", "pandas=2.2.2,")
    .replace("python-dotenv", "python-dotenv==1.0.1")
)

#: why -> new text, whether the packages differ, the first difference (its kind, cosmetic or not),
#: changes as (manager, name, kind, old version, new version).
EDITS: dict[str, tuple[str, bool, tuple[str, bool], set[tuple[str, str, str, str, str]]]] = {
    "a package is pinned to an older version": (
        OLD.replace("numpy,", "numpy=2.0.2,"),
        True,
        ("changed", False),
        {("conda", "numpy", "downgraded", "2.4.6", "2.0.2")},
    ),
    "a package goes, and takes along what only it needs": (
        OLD.replace("python-dotenv, ", "").replace(" pandas,", ""),
        True,
        ("removed", False),
        {
            ("conda", "pandas", "removed", "3.0.3", ""),
            ("conda", "python-dateutil", "removed", "2.9.0.post0", ""),
            ("conda", "six", "removed", "1.17.0", ""),
            ("pip", "python-dotenv", "removed", "1.2.1", ""),
        },
    ),
    "a pip line asks for another version": (
        OLD.replace("click==8.1.7", "click==8.5.1"),
        True,
        ("changed", False),
        {("pip", "click", "upgraded", "8.1.7", "8.5.1")},
    ),
    "another order": (OLD.replace("numpy, pandas", "pandas, numpy"), False, ("order", True), set()),
    "another spelling": (OLD.replace("click==8.1.7", "Click == 8.1.7"), False, ("spelling", True), set()),
    "it asks for something else, and gets the same": (
        OLD.replace("numpy,", "numpy>=2,"),
        False,
        ("changed", False),
        set(),
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_project(tmp_path / "project").parent
    (folder / "old.yml").write_text(OLD, encoding="utf-8")
    return folder


def against_old(folder: Path, text: str, *arguments: str, code: int = 0) -> Done:
    (folder / "new.yml").write_text(text, encoding="utf-8")
    done = lock("hash", "new.yml", "--against", "old.yml", "--image", IMAGE, *arguments, folder=folder)
    assert done.code == code, done.err
    return done


def changes_of(prediction: dict[str, Any]) -> set[tuple[str, str, str, str, str]]:
    return {
        (
            change["manager"],
            change["name"],
            change["kind"],
            (change["old"] or {}).get("version", ""),
            (change["new"] or {}).get("version", ""),
        )
        for change in prediction["packages"]
    }


@pytest.mark.parametrize("why", EDITS)
def test_which_packages_change(why: str, folder: Path) -> None:
    text, real, first, changes = EDITS[why]
    document = against_old(folder, text, "--resolve", "--exit-code", "--json", code=5).json
    (prediction,) = document["predictions"]
    assert (prediction["reused"], prediction["real"]) == (False, real)
    assert (prediction["first"]["change"], prediction["first"]["cosmetic"]) == first
    assert changes_of(prediction) == changes
    assert prediction["stale"] == []
    (content,) = [i for i in document["definitions"][0]["identities"] if i["kind"] == "content"]
    assert content["certainty"] == "exact"


def test_packages_in_words(folder: Path) -> None:
    done = against_old(folder, EDITS["a package is pinned to an older version"][0], "--resolve", "--no-lint")
    assert done.out[done.out.index("new.yml against") :] == (
        "new.yml against old.yml: built: dependencies: changed\n"
        "  real\n"
        "  - numpy\n"
        "  + numpy=2.0.2\n"
        "  anonymous version: another one\n"
        "  linux-64:\n"
        "    ↓ numpy  2.4.6 -> 2.0.2\n"
        "  1 downgraded\n"
    )


def test_what_is_stale_in_a_reused_image(folder: Path) -> None:
    """The earlier lockfile says what the image holds; what is solved now, what a fresh build brings."""
    (folder / "earlier.yml").write_text(EARLIER, encoding="utf-8")
    assert lock("earlier.yml", "-o", "earlier.lock.yml", folder=folder).code == 0
    known = ("--against-lock", "earlier.lock.yml", "--resolve", "--json", "--exit-code")
    (prediction,) = against_old(folder, "# later\n" + OLD, *known).json["predictions"]
    assert (prediction["reused"], prediction["real"]) == (True, None)
    assert {(s["where"], s["requirement"], s["frozen"], s["fresh"]) for s in prediction["stale"]} == {
        ("dependencies", "numpy", "1.26.4", "2.4.6"),
        ("dependencies", "pandas", "2.2.2", "3.0.3"),
        ("dependencies.pip", "python-dotenv", "1.0.1", "1.2.1"),
    }
    assert {change[1] for change in changes_of(prediction)} >= {"numpy", "pandas", "python-dotenv"}


def test_without_the_earlier_lockfile_everything_open_may_be_stale(folder: Path) -> None:
    done = against_old(folder, "# later\n" + OLD, "--resolve", "--no-lint")
    assert done.out[done.out.index("new.yml against") :] == (
        "new.yml against old.yml: reused: what is hashed is the same\n"
        "  anonymous version: the same\n"
        "  stale: `python=3.11` is as old as the image, a fresh build brings 3.11.15\n"
        "  stale: `numpy` is as old as the image, a fresh build brings 2.4.6\n"
        "  stale: `pandas` is as old as the image, a fresh build brings 3.0.3\n"
        "  stale: `pip` is as old as the image, a fresh build brings 26.2.1\n"
        "  stale: `python-dotenv` is as old as the image, a fresh build brings 1.2.1\n"
    )


def test_an_image_built_today_has_nothing_stale(folder: Path) -> None:
    assert lock("old.yml", "-o", "today.lock.yml", folder=folder).code == 0
    known = ("--against-lock", "today.lock.yml", "--resolve", "--json")
    (prediction,) = against_old(folder, "# later\n" + OLD, *known).json["predictions"]
    assert (prediction["reused"], prediction["stale"], prediction["packages"]) == (True, [], [])


def test_a_new_definition_without_a_solution(folder: Path) -> None:
    done = against_old(folder, OLD.replace("numpy,", "numpy=2.0.2, pandas<1,"), "--resolve", code=4)
    assert "no solution" in done.err
    assert "Traceback" not in done.err
