"""A folder takes another one's place: in one step, or in two with what a death in between leaves mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lockfiles.environments.swapping import (
    CannotExchangeError,
    clear,
    exchange_names,
    new_folder,
    recover,
    remove_tree,
    swap,
)


class _Killed(BaseException):
    """Stands for the death of the process at a point."""


def _cannot(_one: Path, _other: Path) -> None:
    raise CannotExchangeError


def _make(tmp_path: Path, *, is_there: bool) -> tuple[Path, Path]:
    prefix, work = tmp_path / "env", tmp_path / ".env.lockstack"
    new_folder(work).mkdir(parents=True)
    (new_folder(work) / "which").write_text("new")
    (work / "lock").touch()
    if is_there:
        prefix.mkdir()
        (prefix / "which").write_text("old")
    return prefix, work


@pytest.mark.parametrize("exchange", [None, _cannot], ids=["in one step", "in two"])
@pytest.mark.parametrize("is_there", [False, True], ids=["a new one", "over an old one"])
def test_the_new_one_stands_there(
    exchange: Callable[[Path, Path], None] | None, is_there: bool, tmp_path: Path
) -> None:
    prefix, work = _make(tmp_path, is_there=is_there)
    swap(work, prefix, exchange)
    assert (prefix / "which").read_text() == "new"
    clear(work)
    assert [child.name for child in work.iterdir()] == ["lock"]


def test_an_empty_folder_gives_way(tmp_path: Path) -> None:
    prefix, work = _make(tmp_path, is_there=False)
    prefix.mkdir()
    swap(work, prefix)
    assert (prefix / "which").read_text() == "new"


def test_names_are_exchanged(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.write_text("a file")
    exchange_names(one, other)
    assert one.read_text() == "a file"
    assert other.is_dir()
    with pytest.raises(FileNotFoundError):
        exchange_names(one, tmp_path / "nothing")


@pytest.mark.parametrize(
    ("is_complete", "is_new_left", "stands"),
    [
        pytest.param(True, True, "new", id="between the two renames: the new one is whole, so it goes on"),
        pytest.param(False, True, "old", id="a new one that isn't whole is no use: back to the old one"),
        pytest.param(True, False, "old", id="no new one: back to the old one"),
    ],
)
def test_a_death_between_two_renames_is_mended(
    is_complete: bool, is_new_left: bool, stands: str, tmp_path: Path
) -> None:
    prefix, work = _make(tmp_path, is_there=True)
    prefix.rename(work / "old")
    if is_complete:
        (work / "complete").touch()
    if not is_new_left:
        remove_tree(new_folder(work))
    assert recover(work, prefix)
    assert (prefix / "which").read_text() == stands
    assert [child.name for child in work.iterdir()] == ["lock"]
    assert not recover(work, prefix)


def test_a_rename_that_fails_puts_the_old_one_back(tmp_path: Path) -> None:
    prefix, work = _make(tmp_path, is_there=True)

    def lose_the_new_one(one: Path, _other: Path) -> None:
        remove_tree(one)
        raise CannotExchangeError

    with pytest.raises(FileNotFoundError):
        swap(work, prefix, lose_the_new_one)
    assert (prefix / "which").read_text() == "old"


def test_before_the_swap_the_old_one_is_untouched(tmp_path: Path) -> None:
    prefix, work = _make(tmp_path, is_there=True)

    def die(_one: Path, _other: Path) -> None:
        raise _Killed

    with pytest.raises(_Killed):
        swap(work, prefix, die)
    assert (prefix / "which").read_text() == "old"
    assert recover(work, prefix)
    assert (prefix / "which").read_text() == "old"


def test_folders_that_may_not_be_written_to_go_too(tmp_path: Path) -> None:
    folder = tmp_path / "tree" / "closed"
    folder.mkdir(parents=True)
    (folder / "file").touch()
    folder.chmod(0o500)
    remove_tree(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
