"""What is known of an expression without running it: plain values with their places, or nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from resolver.model.origin import Origin

_LONGEST = 1 << 20  #: characters of a text, parts of a list or mapping
_LARGEST_NUMBER = (1 << 63) - 1
_MOST_PARTS = 200_000  #: of one value, all that it holds among them
_DEEPEST = 100  #: values within one another

#: Line and column, both from 1.
Place = tuple[int, int]
Step = str | int


class Placed(str):
    """A text of the script with its place."""

    __slots__ = ("place",)

    place: Place | None

    def __new__(cls, text: str, place: Place | None = None) -> Placed:
        """Return the text; it is equal to what it says wherever it stands."""
        self = super().__new__(cls, text)
        self.place = place
        return self


class UnknownValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value that only a run would show."""

    text: str  #: the expression as written, shortened
    place: Place
    is_said: bool = False  #: what is wrong with it has been said


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """A module, or something of one, by its full dotted name."""

    name: str


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """A function of the script itself: what it does to its arguments isn't followed."""

    name: str


class NotPlainError(Exception):
    """A value that isn't known, where one is needed."""

    def __init__(self, unknown: UnknownValue) -> None:
        """Remember the part that isn't known."""
        super().__init__(unknown.text)
        self.unknown = unknown


class RefusedError(Exception):
    """A call or an assignment that the SDK would refuse, or that isn't read."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        """Remember what to say of it."""
        super().__init__(message)
        self.message, self.hint = message, hint


def is_within_bounds(value: object) -> bool:
    """Tell whether a value that was worked out is as large as one that somebody wrote."""
    if isinstance(value, int):
        return -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER
    return not isinstance(value, (str, list, dict)) or len(value) <= _LONGEST


def plain(value: object) -> Any:
    """Return a copy of a value of texts, numbers, lists and mappings; raises NotPlainError for another.

    Also for one that holds itself, or so many others within one another that a copy would never end.
    """
    return _plain(value, itertools.count(), 0)


def _plain(value: object, counter: Iterator[int], depth: int) -> Any:
    if isinstance(value, UnknownValue):
        raise NotPlainError(value)
    if depth > _DEEPEST or next(counter) > _MOST_PARTS:
        raise NotPlainError(UnknownValue(text=f"a {type(value).__name__} without end", place=(1, 1)))
    if isinstance(value, (list, tuple)):
        return [_plain(item, counter, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, counter, depth + 1) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise NotPlainError(UnknownValue(text=describe(value), place=(1, 1)))


def describe(value: object) -> str:
    """Return what to call a value that is no plain one."""
    return value.name if isinstance(value, (Module, Function)) else f"a {type(value).__name__}"


def taint(value: object, unknown: UnknownValue) -> None:
    """Note that a list or a mapping was changed in a way that isn't followed."""
    if isinstance(value, list):
        value.append(unknown)
    elif isinstance(value, dict):
        value["…"] = unknown


def places_of(data: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Place]]:
    """Yield the path and the place of every text in data that has one, of a container its first text's."""
    if isinstance(data, Placed) and data.place is not None:
        yield path, data.place
        return
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    first = True
    for key, item in entries:
        for found, place in places_of(item, (*path, key)):
            if first and path:
                yield path, place
                first = False
            yield found, place


def unplaced(data: object) -> Any:
    """Return the same data in texts of Python's own."""
    if isinstance(data, dict):
        return {str(key): unplaced(item) for key, item in data.items()}
    if isinstance(data, list):
        return [unplaced(item) for item in data]
    return str(data) if isinstance(data, str) else data


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """How the files that a script names are found and read."""

    find: Callable[[str], str]  #: the path as it is found from the script's folder
    read: Callable[[str], tuple[str, str]]  #: what to call the file, and its text; raises OSError
    origin: Callable[[Place], Origin]
