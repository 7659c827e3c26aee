"""Which conda packages may be there: those that a conda line asks for, or that one of them needs.

The incompatibilities alone let a PyPI project bring in the conda package that ships it. The rule
that it doesn't can't be said once for each package without all of a channel: "X is there only if one
of its dependents is" needs to know the dependents. So it is checked where the conda side of a search
is closed, and what was wrong is then said as one incompatibility, a *loop formula* (Lin and Zhao 2004):
of a set of packages that would only hold up each other, none is there unless one of the packages
outside selects a candidate that needs one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaPackage, CondaSide
from resolver.constraints.facts import SupportFact
from resolver.constraints.protocol import ABSENT
from resolver.constraints.registry import Key, Kind, Registry

T = TypeVar("T", bound="str | int")


class Support(Protocol):
    """What a search asks about it; packages are numbers."""

    @property
    def roots(self) -> Mapping[int, int]:
        """The packages that hold by themselves, and by which candidates: of conda lines, the interpreter."""
        ...

    def is_bound(self, package: int) -> bool:
        """Tell whether the rule speaks of the package at all."""
        ...

    def is_bridged(self, package: int) -> bool:
        """Tell whether a project that has come up may be met by it: only such ones can be wrong first."""
        ...

    def needs(self, package: int, candidate: int) -> Iterable[int]:
        """Return the packages that a selected candidate depends on."""
        ...

    def clause(self, package: int, closed: Collection[int]) -> Incompatibility:
        """Return why the package can't be there while ``closed`` need only each other."""
        ...


def unfounded(
    target: T, closed: Collection[T], roots: Iterable[T], edges: Callable[[T], Iterable[T]]
) -> set[T]:
    """Return the packages outside ``closed`` over which something could come to need ``target``, and itself.

    Whatever needs one of them is one of them, or is in ``closed``, or can't be reached from a root at all.
    """
    needed_by: dict[T, list[T]] = {}
    seen: set[T] = set()
    stack: list[T] = list(roots)
    for package in closed:
        stack.extend(edges(package))
    while stack:
        at = stack.pop()
        if at in seen or at in closed:
            continue
        seen.add(at)
        if at == target:
            continue
        for other in edges(at):
            if other not in closed:
                needed_by.setdefault(other, []).append(at)
                stack.append(other)
    found = {target}
    back = [target]
    while back:
        for other in needed_by.get(back.pop(), ()):
            if other not in found:
                found.add(other)
                back.append(other)
    return found


def refusal(support: Support, selected: Mapping[int, int]) -> Incompatibility | None:
    """Return what forbids a whole solution (package -> candidate); None: every package in it is held up."""
    held: set[int] = set()
    stack = [p for p, bits in support.roots.items() if p in selected and bits & (2 << selected[p])]
    while stack:
        package = stack.pop()
        if package not in held and package in selected and support.is_bound(package):
            held.add(package)
            stack.extend(support.needs(package, selected[package]))
    loose = (p for p in sorted(selected) if p not in held and support.is_bound(p))
    wrong = next(loose, None)
    return None if wrong is None else support.clause(wrong, held)


class CondaSupport:
    """The rule over conda packages of real channels."""

    def __init__(
        self,
        side: CondaSide,
        registry: Registry,
        roots: Iterable[str],
        bridged: Collection[int],
        shipping: Mapping[int, int],
    ) -> None:
        """``shipping``: candidates that hold by themselves because a pip line may be met by them."""
        self._side = side
        self._registry = registry
        self._bridged = bridged
        self.roots: dict[int, int] = dict(shipping)
        for name in sorted(roots):
            self.roots[registry.number(Key(Kind.CONDA, name))] = side.domain(name).all
        self._names = frozenset(registry.keys[number].name for number in self.roots)
        self._needs: dict[tuple[int, int], tuple[int, ...]] = {}
        self._edges: dict[str, tuple[str, ...]] = {}

    def is_bound(self, package: int) -> bool:
        """Tell whether it is a conda package, and no fact about the machine."""
        key = self._registry.keys[package]
        return key.kind is Kind.CONDA and not key.name.startswith("__")

    def is_bridged(self, package: int) -> bool:
        """Tell whether a project that has come up may be met by it."""
        return package in self._bridged

    def needs(self, package: int, candidate: int) -> tuple[int, ...]:
        """Return the packages that a candidate depends on."""
        known = self._needs.get((package, candidate))
        if known is None:
            made = self._registry.package(package)
            assert isinstance(made, CondaPackage)  # noqa: S101  (only such are asked about)
            names = dict.fromkeys(_name(text) for text in made.domain.records[candidate].depends)
            found = (self._registry.find(Key(Kind.CONDA, name)) for name in names)
            known = self._needs[package, candidate] = tuple(n for n in found if n is not None)
        return known

    def edges(self, name: str) -> tuple[str, ...]:
        """Return the names that any candidate of a name depends on."""
        known = self._edges.get(name)
        if known is None:
            known = ()
            if not name.startswith("__"):
                known = tuple(dict.fromkeys(_name(text) for text in self._side.domain(name).groups()))
            self._edges[name] = known
        return known

    @property
    def names_read(self) -> int:
        """How many names were looked at."""
        return len(self._edges)

    def clause(self, package: int, closed: Collection[int]) -> Incompatibility:
        """Return the loop formula of the largest set around the package that nothing closed needs."""
        keys = self._registry.keys
        name = keys[package].name
        names = {keys[number].name for number in closed}
        apart = unfounded(name, names, self._names, self.edges)
        packages, sets = [], []
        for number in sorted(closed):
            domain = self._side.domain(keys[number].name)
            carriers = 0
            for text, bits in domain.groups().items():
                if _name(text) in apart:
                    carriers |= bits
            if carriers:
                packages.append(number)
                sets.append((domain.all & ~carriers) | ABSENT)
        for root in sorted(apart & self._names - {name}):
            # not there now; with its right to be there it would hold itself up
            number = self._registry.number(Key(Kind.CONDA, root))
            packages.append(number)
            sets.append((self._side.domain(root).all & ~self.roots[number]) | ABSENT)
        # The package's own absence stands last among the ways out: who tries them in turn tries it last.
        wrong = self._side.domain(name).all & ~self.roots.get(package, 0)
        return Incompatibility((*packages, package), (*sets, wrong), SupportFact(package=package))


def _name(text: str) -> str:
    return text.split(" ", 1)[0].split("::")[-1].split("[")[0]
