"""``lock fleet --merge`` as a process: what is told, as text and as JSON, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lockfiles.cli.fleet import merging
from lockfiles.fleet.merging.members import NotMerged, one_line_of
from lockfiles.fleet.merging.telling import _left_lines
from resolver.errors import UnknownHostError
from tests.cli.process import lock
from tests.fleet.merging.world import PYTHONS, Fleet
from tests.support.channel import record

ROOT = Path(__file__).parents[3]


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    made = Fleet(tmp_path)
    made.channel(
        *PYTHONS,
        record("numpy", "1.26.4", depends=["python >=3.9"], size=7_000_000),
        record("old", depends=["numpy <2"]),
    )
    made.write("envs/a", "python=3.11", "numpy")
    made.write("envs/b", "python", "old")
    made.write("envs/c", "python=3.9")
    return made


def test_text_says_who_shares_what_and_why_there_are_no_fewer(fleet: Fleet) -> None:
    done = lock("fleet", "envs", "--merge", folder=fleet.folder)
    assert done.code == 0, done.err
    assert re.search(r"^image 1: 2 environments; saves 1 build, 7\.0 MB of archives$", done.out, re.MULTILINE)
    assert "  envs/b.yml: 1 package moves: python 3.12.4 -> " in done.out
    assert "  alone: envs/a.yml" in done.out or "  alone: envs/c.yml" in done.out
    assert "  each clashes with each other: envs/a.yml, envs/c.yml" in done.out
    assert "  can't hold together: python=3.11, python=3.9" in done.out
    assert done.out.endswith("3 environments, 2 images (fewer can't do).\n")
    assert sorted(path.name for path in fleet.folder.rglob("*.conda-lock.yml")) == []


def test_json_and_files_say_the_same(fleet: Fleet) -> None:
    done = lock("fleet", "envs", "--merge", "--json", "--write", "envs/out", folder=fleet.folder)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert (said["environments"], said["images"], said["at_least"]) == (3, 2, 2)
    (offer,) = said["groups"][0]["offers"]
    assert said["written"] == list(offer["texts"])
    for name, text in offer["texts"].items():
        assert (fleet.folder / name).read_text() == text
    again = lock(offer["file"], "--check", folder=fleet.folder)
    assert again.code == 0, again.err
    second = lock("fleet", "envs", "--merge", "--json", "--write", "envs/out", folder=fleet.folder)
    assert json.loads(second.out) == said  # what was written takes no part


def test_every_key_is_described(fleet: Fleet) -> None:
    described = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "json.md").read_text(encoding="utf-8")))
    said = json.loads(lock("fleet", "envs", "--merge", "--json", folder=fleet.folder).out)
    for offer in (one for group in said["groups"] for one in group["offers"]):
        offer["texts"] = {}

    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for item in value.values() for key in keys(item)}
        return {key for item in value for key in keys(item)} if isinstance(value, list) else set()

    assert keys(said) - described == set()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--keep", "minor"), "--keep: only with `--merge`"),
        (("--write", "out"), "--write: only with `--merge`"),
        (("--merge", "--check"), "--check: doesn't go with `--merge`"),
        (("--merge", "--with", "hash"), "--with: doesn't go with `--merge`"),
        (("--merge", "--update", "numpy"), "--update: doesn't go with `--merge`"),
    ],
)
def test_flags_that_do_not_go_together(fleet: Fleet, flags: tuple[str, ...], message: str) -> None:
    done = lock("fleet", "envs", *flags, folder=fleet.folder)
    assert (done.code, message in done.err) == (2, True), done.err


def test_a_file_that_does_not_lock_gives_its_exit_code(fleet: Fleet) -> None:
    fleet.write("envs/d", "nosuch")
    done = lock("fleet", "envs", "--merge", folder=fleet.folder)
    assert done.code == 4
    assert "envs/d.yml: no solution for linux-64: nothing meets `" in done.out
    assert "3 environments, 2 images" in done.out


def test_why_many_have_no_image_is_said_once(fleet: Fleet) -> None:
    for number in range(10):
        fleet.write(f"envs/x{number}", *["python"] * (number % 2), "nosuch")
    fleet.write("envs/y", "nosuch>2")
    done = lock("fleet", "envs", "--merge", folder=fleet.folder)
    assert done.code == 4
    told = done.out[done.out.index("no image:\n") :].splitlines()
    assert told[1:11] == [
        "  10 environments: no solution for linux-64: nothing meets `nosuch`",
        *(f"    envs/x{number}.yml" for number in range(8)),
        "    and 2 more",
    ]
    assert told[11] == "  envs/y.yml: no solution for linux-64: nothing meets `nosuch>2`"
    whole = lock("fleet", "envs", "--merge", "-v", folder=fleet.folder)
    assert "    envs/x9.yml\n  envs/y.yml: " in whole.out


def test_reasons_are_alike_wherever_they_stand() -> None:
    left = [NotMerged(name=f"{n}.yml", reason=f"line {n}:5: no version", code=2) for n in (3, 4)]
    assert list(_left_lines(left, 8)) == ["  2 environments: no version", "    3.yml", "    4.yml"]
    assert list(_left_lines(left[:1], 8)) == ["  3.yml: line 3:5: no version"]
    errors = [UnknownHostError("the host's name is unknown", f"https://a.example/{n}") for n in "ab"]
    assert {one_line_of(error) for error in errors} == {"https://a.example: the host's name is unknown"}


def test_the_time_for_the_search_begins_with_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reading and locking the environments took before isn't counted."""
    now = [0.0]
    monkeypatch.setattr(merging.time, "monotonic", lambda: now[0])
    is_late = merging._clock(10.0)
    now[0] = 100.0
    assert not is_late()
    now[0] = 110.0
    assert not is_late()
    now[0] = 111.0
    assert is_late()
    assert not merging._clock(None)()
