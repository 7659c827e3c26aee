"""The tests have the tree's rooms, so that what is tested tells where to look."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Folders of tests that are no room of the tree, each with what it holds.
BESIDE = {
    "benchmarks": "tests of benchmarks/",
    "end_to_end": "the command over whole worlds",
    "fuzzing": "every parser of what strangers write, as a function of bytes",
    "hostile": "a table of inputs that lie, hang or burst, against real servers",
    "hostile/rows": "its rows, by kind",
    "lockfiles": "modules of lockfiles/ that stand in no room",
    "oracles": "judges that share no code with the engine, and random universes",
    "sample": "the embedded sample",
    "scripts": "tests of scripts/, documents and workflows",
    "support": "servers, channels and archives that tests make",
}
#: Rooms without a folder of tests, each with where they are tested.
ELSEWHERE: dict[str, str] = {}


def folders(root: Path) -> set[str]:
    """Return the packages below a folder, as paths with slashes."""
    return {path.parent.relative_to(root).as_posix() for path in root.rglob("__init__.py")} - {"."}


def rooms() -> set[str]:
    """Return the rooms of both packages: their names differ, so one folder of tests has them all."""
    resolver, lockfiles = folders(ROOT / "resolver"), folders(ROOT / "lockfiles")
    assert not {room for room in resolver & lockfiles if "/" not in room}
    return resolver | lockfiles


def test_every_folder_of_tests_is_a_room() -> None:
    assert folders(ROOT / "tests") - rooms() == set(BESIDE)


def test_every_room_has_its_tests() -> None:
    wanting = {room for room in rooms() if "/" not in room} - folders(ROOT / "tests")
    assert wanting == set(ELSEWHERE)
