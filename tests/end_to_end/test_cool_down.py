"""``exclude-newer`` as an age: resolved once, written as a date, held until the lockfile moves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lockfiles.freshness import check_fresh
from lockfiles.locking import Locked, LockRequest, lock
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError
from tests.end_to_end.said_world import World
from tests.support.channel import record


def at(day: str) -> int:
    return int(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()) * 1000


@pytest.fixture(autouse=True)
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(tmp_path)
    made = World(tmp_path, capsys)
    made.channel(
        record("foo", "1.0", timestamp=at("2026-01-01")), record("foo", "2.0", timestamp=at("2026-01-10")),
        record("bar", "1.0", timestamp=at("2026-01-01")),
    )  # fmt: skip
    made.environment("foo")
    return made


def request(today: str | None, age: str = "7 days", **fields: object) -> LockRequest:
    around = Surroundings(cwd=Path.cwd(), today=lambda: today)
    settings = {"exclude_newer": age, "platforms": "linux-64"}
    return LockRequest(files=("environment.yml",), settings=settings, surroundings=around, **fields)


def locked(today: str, age: str = "7 days", **fields: object) -> Locked:
    made = lock(request(today, age, **fields))
    Path("conda-lock.yml").write_text(made.text)
    return made


def version(made: Locked) -> str:
    return next(pin.record.version for pin in made.resolutions[0].conda if pin.record.name == "foo")


def test_the_date_is_written_and_holds() -> None:
    first = locked("2026-01-12")
    assert version(first) == "1.0"
    assert "2026-01-05T00:00:00Z" in first.text
    again = locked("2026-02-12")
    assert again.text == first.text
    assert check_fresh(request("2026-02-12")).faults == ()


def test_what_moves_the_lockfile_moves_the_date(world: World) -> None:
    first = locked("2026-01-12")
    world.environment("foo", "bar")
    assert check_fresh(request("2026-02-12")).faults
    moved = locked("2026-02-12")
    assert (first.text == moved.text, "2026-02-05T00:00:00Z" in moved.text) == (False, True)


@pytest.mark.parametrize("fields", [{"update": ("foo",)}, {"update_all": True}], ids=["one", "all"])
def test_an_update_counts_from_today(fields: dict[str, object]) -> None:
    locked("2026-01-12")
    assert version(locked("2026-02-12", **fields)) == "2.0"


def test_a_longer_age_needs_a_new_lockfile() -> None:
    locked("2026-01-18", "1 day")
    assert check_fresh(request("2026-01-19", "2 days")).faults == ()
    (fault,) = check_fresh(request("2026-01-19", "30 days")).faults
    assert fault.message == "the date of `--exclude-newer` is another one"


def test_without_a_date_of_today_an_age_is_refused() -> None:
    with pytest.raises(InputError, match="nobody says what day it is"):
        lock(request(None))
