"""Packages of both ecosystems under one numbering."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol

from resolver.constraints.clauses import Incompatibility


class Kind(IntEnum):
    """What a number stands for; the order is that of decisions."""

    GUARD = 0  #: "this line of the user's holds": one candidate, for asking without it
    CONDA = 1
    PYPI = 2
    EXTRA = 3


class Key(NamedTuple):
    """A package of one ecosystem, or an extra of a PyPI project."""

    kind: Kind
    name: str
    extra: str = ""

    def __str__(self) -> str:
        return f"{self.name}[{self.extra}]" if self.extra else self.name


class Package(Protocol):
    """What the universe knows of one number."""

    def size(self) -> int:
        """Return the number of candidates."""
        ...

    def clauses(self, candidate: int) -> Iterable[Incompatibility]:
        """Return all that holds if the candidate is selected."""
        ...

    def levels(self) -> Sequence[int]:
        """Return the version rank of each candidate."""
        ...

    def links(self) -> Sequence[int]:
        """Return the packages that share these candidates."""
        ...


class Guard:
    """A line of the user's as a package: there (candidate 0) or absent."""

    def size(self) -> int:
        """Return 1."""
        return 1

    def clauses(self, candidate: int) -> Iterable[Incompatibility]:  # noqa: ARG002
        """Return nothing: what the line says is given by :meth:`JointUniverse.guarded`."""
        return ()

    def levels(self) -> Sequence[int]:
        """Return the one rank."""
        return (0,)

    def links(self) -> Sequence[int]:
        """Return nothing."""
        return ()


class Registry:
    """Numbers for keys, in the order in which they come up; each package is made once."""

    def __init__(self, make: Callable[[Key, int], Package]) -> None:
        self._make = make
        self._numbers: dict[Key, int] = {}
        self.keys: list[Key] = []
        self._packages: list[Package | None] = []

    def number(self, key: Key) -> int:
        """Return the number of a key."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
            self._packages.append(None)
        return number

    def find(self, key: Key) -> int | None:
        """Return the number of a key that has come up, else None."""
        return self._numbers.get(key)

    def package(self, number: int) -> Package:
        """Return what a number stands for."""
        package = self._packages[number]
        if package is None:
            package = self._packages[number] = self._make(self.keys[number], number)
        return package

    def __len__(self) -> int:
        return len(self.keys)
