"""Packages of both ecosystems under one numbering."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from resolver.constraints.clauses import Incompatibility
from resolver.model.choices import IntEnum

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple


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

    def parts(self, candidate: int) -> Iterable[Sequence[Incompatibility]]:
        """Give the same, what is learned at once together."""
        ...

    def levels(self) -> Sequence[int]:
        """Return the rank of each candidate's level."""
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

    def parts(self, candidate: int) -> Iterable[Sequence[Incompatibility]]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def levels(self) -> Sequence[int]:
        """Return the one rank."""
        return (0,)

    def links(self) -> Sequence[int]:
        """Return nothing."""
        return ()


class Limiting(Protocol):
    """A package whose candidates limit others."""

    number: int

    def limit(self, text: str) -> Incompatibility:
        """Return what one of its constrains strings says."""
        ...


class Numbers:
    """Numbers for keys, in the order in which they come up; limits on what has none wait until it has."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self.keys: list[Key] = []
        #: the same by the very candidates (an object) that a conda package has: so most are asked for
        self.by_domain: dict[object, int] = {}
        self._waiting: dict[Key, dict[tuple[int, str], Limiting]] = {}
        #: limits that have waited, and who says so, in the order in which what they are about came up
        self.late: list[tuple[str, Limiting]] = []

    def number(self, key: Key) -> int:
        """Return the number of a key."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
            if key in self._waiting:
                self.late += [(text, who) for (_, text), who in self._waiting.pop(key).items()]
        return number

    def has_to_wait(self, text: str, key: Key, who: Limiting) -> bool:
        """Tell whether a limit is on what has not come up; it is among :attr:`late` once that has."""
        if key in self._numbers:
            return False
        self._waiting.setdefault(key, {})[who.number, text] = who
        return True

    def find(self, key: Key) -> int | None:
        """Return the number of a key that has come up, else None."""
        return self._numbers.get(key)

    def __len__(self) -> int:
        return len(self.keys)


CondaT = TypeVar("CondaT", bound=Package, covariant=True)
PypiT = TypeVar("PypiT", bound=Package, covariant=True)


class Registry(Numbers, Generic[CondaT, PypiT]):
    """Packages by number; each is made once, when it is first asked for."""

    def __init__(
        self, make_conda: Callable[[Key, int], CondaT], make_pypi: Callable[[Key, int], PypiT]
    ) -> None:
        super().__init__()
        self._make_conda, self._make_pypi = make_conda, make_pypi
        self._conda: dict[int, CondaT] = {}
        self._pypi: dict[int, PypiT] = {}
        self._guard = Guard()

    def forget(self) -> None:
        """Let go of all packages: nobody asks any more."""
        self._conda.clear()
        self._pypi.clear()
        self._waiting.clear()
        self.by_domain.clear()
        self.late.clear()

    def package(self, number: int) -> Package:
        """Return what a number stands for."""
        known = self._conda.get(number)
        if known is not None:
            return known
        kind = self.keys[number].kind
        if kind is Kind.CONDA:
            return self.conda(number)
        return self._guard if kind is Kind.GUARD else self.pypi(number)

    def conda(self, number: int) -> CondaT:
        """Return the conda package of a number."""
        package = self._conda.get(number)
        if package is None:
            key = self._key(number, Kind.CONDA)
            package = self._conda[number] = self._make_conda(key, number)
        return package

    def pypi(self, number: int) -> PypiT:
        """Return the PyPI project of a number, or the extra of one."""
        package = self._pypi.get(number)
        if package is None:
            key = self._key(number, Kind.PYPI, Kind.EXTRA)
            package = self._pypi[number] = self._make_pypi(key, number)
        return package

    def _key(self, number: int, *kinds: Kind) -> Key:
        key = self.keys[number]
        if key.kind not in kinds:
            raise TypeError(f"number {number} is `{key}`, of kind {key.kind.name}")
        return key
