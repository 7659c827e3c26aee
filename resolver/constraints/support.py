"""Which conda packages may be there: those that a conda line asks for, or that one of them needs.

::

    closed   C  python  numpy  openblas           all that is in for conda's sake; all decided
                  |       :                       numpy's older builds need an U
    outside  U    (      mkl -> tbb -> X )        all over which C could come to need X
    loop(X)  {X: in, numpy: none of the builds that need mkl}

The incompatibilities alone let a PyPI project bring in the conda package that ships it. The
rule that it doesn't can't be said once for each package without reading all of a channel: "X
is there only if one of its dependents is" needs to know the dependents. So it is checked where
the conda side of a search is closed (:mod:`resolver.solving.founded`), and what was wrong is
said as one incompatibility, a *loop formula* (Lin and Zhao 2004): of packages that would only
hold up each other, none is there unless one outside selects a candidate that needs one of them.

1. Walk by names, over all candidates, outside C from what C's candidates and the root lines name.
2. U is X and all from which X is reached on this walk.
3. A member of C with candidates that need a name in U gives the term "none of those".
4. A root in U (a right to be there without being asked for) gives the term "no candidate with
   the right".
5. "X is in" is the last term.

*Sound* for any C: take a founded path to X. Its last member of C is followed by one of U, so it
selects a candidate of step 3; or the path starts at a root of step 4. *Complete*: all of C is
decided and needs only C, so every term holds at once and the formula shuts out what was found;
there are finitely many sets U.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from resolver.constraints.bits import ABSENT
from resolver.constraints.clauses import Incompatibility
from resolver.constraints.conda_side import CondaSide
from resolver.constraints.facts import SupportFact
from resolver.constraints.protocol import Support
from resolver.constraints.registry import Key, Kind, Registry
from resolver.model.dependency_text import dependency_name

if TYPE_CHECKING:
    from resolver.constraints.conda_package import CondaPackage
    from resolver.constraints.pypi_package import PypiPackage

T = TypeVar("T", bound=str | int)


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
        registry: Registry[CondaPackage, PypiPackage],
        roots: Iterable[str],
        *,
        bridged: Collection[int],
        shipping: Mapping[int, int],
    ) -> None:
        """Take what holds by itself.

        ``roots``: names of conda lines, and the interpreter where pip lines exist. ``bridged``:
        packages that ship a project which has come up; it grows. ``shipping``: candidates that
        hold because a pip line may be met by them.
        """
        self._side, self._registry, self.bridged = side, registry, bridged
        self.roots: dict[int, int] = dict(shipping)
        for name in sorted(roots):
            self.roots[self._number(name)] = side.domain(name).all
        self._root_names = frozenset(registry.keys[number].name for number in self.roots)
        self._needs: dict[tuple[int, int], tuple[int, ...]] = {}
        self._edges: dict[str, tuple[str, ...]] = {}

    def _number(self, name: str) -> int:
        return self._registry.number(Key(Kind.CONDA, name))

    def is_bound(self, package: int) -> bool:
        """Tell whether it is a conda package, and no fact about the machine."""
        key = self._registry.keys[package]
        return key.kind is Kind.CONDA and not key.name.startswith("__")

    def needs(self, package: int, candidate: int) -> tuple[int, ...]:
        """Return the packages that a candidate depends on."""
        known = self._needs.get((package, candidate))
        if known is None:
            found = self._registry.conda(package).needs(candidate)
            known = self._needs[package, candidate] = (
                self._read_needs(package, candidate) if found is None else found
            )
        return known

    def has_conditions(self, package: int, candidate: int) -> bool:
        """Tell whether some of what a candidate depends on may stay away."""
        domain = self._registry.conda(package).domain
        return domain.has_more and domain.records[candidate].more is not None

    def _read_needs(self, package: int, candidate: int) -> tuple[int, ...]:
        """Return the same where not all of it has been said yet."""
        domain = self._side.domain(self._registry.keys[package].name)
        texts: Iterable[str] = domain.records[candidate].depends
        if domain.records[candidate].more is not None:  # what may hold counts as what holds
            texts = (text for text, bits in domain.every_text() if bits & (2 << candidate))
        names = dict.fromkeys(dependency_name(text) for text in texts)
        found = (self._registry.find(Key(Kind.CONDA, name)) for name in names)
        return tuple(n for n in found if n is not None)

    def edges(self, name: str) -> tuple[str, ...]:
        """Return the names that any candidate of a name depends on."""
        known = self._edges.get(name)
        if known is None:
            known = ()
            if not name.startswith("__"):
                known = tuple(self._side.needed(name))
            self._edges[name] = known
        return known

    def clause(self, package: int, closed: Collection[int]) -> Incompatibility:
        """Return the loop formula of the largest set around the package that nothing closed needs."""
        keys = self._registry.keys
        name = keys[package].name
        names = {keys[number].name for number in closed}
        apart = unfounded(name, names, self._root_names, self.edges)
        terms: dict[int, int] = {}
        for number in sorted(closed):
            needing = self._needing(keys[number].name, apart)
            if needing:
                terms[number] = (self._side.domain(keys[number].name).all & ~needing) | ABSENT
        for root in sorted(apart & self._root_names - {name}):
            # not there now; with its right to be there it would hold itself up
            number = self._number(root)
            terms[number] = (self._side.domain(root).all & ~self.roots[number]) | ABSENT
        # The package's own absence stands last among the ways out: who tries them in turn tries it last.
        terms[package] = self._side.domain(name).all & ~self.roots.get(package, 0)
        return Incompatibility(tuple(terms), tuple(terms.values()), SupportFact(package=package))

    def _needing(self, name: str, apart: set[str]) -> int:
        """Return the candidates of a name that depend on one of some names."""
        needing = 0
        if apart.isdisjoint(self.edges(name)):
            return needing
        for text, bits in self._side.domain(name).every_text():
            if dependency_name(text) in apart:
                needing |= bits
        return needing
