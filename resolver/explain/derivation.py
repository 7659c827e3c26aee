"""The derivation behind a conflict: its leaves, and the few of them that already clash.

A search's proof mentions every fact it ran into. Facts are grouped into
*links* (all that one package says of another), and links are dropped as long
as the rest still admits no solution; what is left is what has to be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import (
    Assumption,
    DependencyFact,
    Fact,
    ImplicitFact,
    KeptLevelFact,
    MovesFact,
    PipOnlyFact,
    PreReleaseFact,
    ProvidesFact,
    PythonFact,
    RequirementFact,
    SameReleaseFact,
    SupportFact,
    UnusableFact,
)
from resolver.constraints.universe import JointUniverse
from resolver.explain.asking import NoAnswer, attempt
from resolver.explain.budget import Meter
from resolver.model.unusable import Cause
from resolver.solving.search import Outcome, Search


def leaves_of(proof: Incompatibility) -> list[Incompatibility]:
    """Return the facts that a derivation rests on, each once, in a stable order."""
    found: list[Incompatibility] = []
    seen: set[int] = set()
    stack = [proof]
    while stack:
        clause = stack.pop()
        if id(clause) in seen:
            continue
        seen.add(id(clause))
        if clause.parents:
            stack.extend(reversed(clause.parents))
        elif clause.packages and not isinstance(clause.fact, Assumption):
            found.append(clause)
    return found


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What the candidates of one package say of another: ``{owner: G, other: not admitted}``, one or more.

    ``owner`` is -1 for what nobody's candidates say: lines and what they imply.
    """

    owner: int
    other: int
    clauses: tuple[Incompatibility, ...]

    @property
    def fact(self) -> Fact | None:
        """The fact of its first clause; the others' are of the same kind."""
        return self.clauses[0].fact

    @property
    def reasons(self) -> str:
        """Why some candidates can't be used: of one of them, and of one left alone because of others."""
        facts = [clause.fact for clause in self.clauses if isinstance(clause.fact, UnusableFact)]
        given_up = [fact for fact in facts if fact.cause is Cause.GIVEN_UP]
        tried = [fact for fact in facts if fact.cause is not Cause.GIVEN_UP]
        return "; ".join(fact.reason for fact in (*tried[:1], *given_up[:1]))


def links_of(clauses: Iterable[Incompatibility]) -> list[Link]:
    """Group facts by owner and by what they speak of, in order of appearance."""
    groups: dict[tuple[int, int, bool], list[Incompatibility]] = {}
    for clause in clauses:  # what shuts pre-releases out says nothing of its package as a whole
        groups.setdefault((*_ends(clause), isinstance(clause.fact, PreReleaseFact)), []).append(clause)
    return [
        Link(owner=owner, other=other, clauses=tuple(group)) for (owner, other, _), group in groups.items()
    ]


def _ends(clause: Incompatibility) -> tuple[int, int]:
    fact = clause.fact
    match fact:
        case RequirementFact() | ImplicitFact() | PipOnlyFact():
            # the last term may be a guard; a marker puts python first
            return -1, clause.packages[0]
        case DependencyFact() | PythonFact() | UnusableFact():
            others = (p for p in reversed(clause.packages) if p != fact.package)
            return fact.package, next(others, fact.package)
        case ProvidesFact():
            return fact.conda, fact.pypi
        case PreReleaseFact():
            return fact.package, fact.package
        case SupportFact():
            return (-1, fact.package) if len(clause.packages) == 1 else (fact.package, clause.packages[0])
        case SameReleaseFact() | KeptLevelFact() | MovesFact() | Assumption() | None:
            return clause.packages[0], clause.packages[-1]  # an extra and its project
        case _:
            assert_never(fact)


class FixedUniverse:
    """Some packages of a universe with nothing but given facts between them, and links.

    ::

        0 .. n-1      the packages, in the order of their numbers in the universe
        n ...         links; among guards and packages they stand behind all that the universe has
    """

    def __init__(self, universe: JointUniverse, packages: Sequence[int]) -> None:
        self._universe, self._packages = universe, packages
        self._further = len(universe.registry) - len(packages)

    def root(self) -> Sequence[Incompatibility]:
        """Return nothing: the facts are given to the search."""
        return ()

    def size(self, package: int) -> int:
        """Return the number of candidates."""
        return self._universe.size(self._packages[package]) if package < len(self._packages) else 1

    def clauses(self, package: int, candidate: int) -> Sequence[Incompatibility]:  # noqa: ARG002
        """Return nothing: the facts are given to the search."""
        return ()

    def parts(self, package: int, candidate: int) -> Sequence[Sequence[Incompatibility]]:  # noqa: ARG002
        """Return nothing."""
        return ()

    @property
    def late_count(self) -> int:
        """Return 0: all is given to the search."""
        return 0

    def late(self, place: int) -> Incompatibility:
        """There is none."""
        raise IndexError(place)

    def links(self, package: int) -> Sequence[int]:  # noqa: ARG002
        """Return nothing: links between extras and projects are facts of the proof."""
        return ()

    def is_extra(self, package: int) -> bool:  # noqa: ARG002
        """Return False: see :meth:`links`."""
        return False

    def support(self) -> None:
        """Return nothing: what was found of it is among the facts."""

    def conditions(self) -> None:
        """Nothing is requested: the facts are given to the search."""

    def pre_releases(self) -> None:
        """Return nothing: what was found of them is among the facts."""

    def priority(self, package: int) -> tuple[int, int]:
        """Return the universe's own order."""
        if package < len(self._packages):
            return self._universe.priority(self._packages[package])
        return (0, package + self._further)

    def levels(self, package: int) -> Sequence[int]:
        """Return one level for all: nothing is improved here."""
        return (0,) * self.size(package)

    def version_ranks(self, package: int) -> Sequence[int]:
        """Return the candidates in order: nothing is counted here."""
        return range(self.size(package))

    def best_version(self, package: int, domain: int) -> int:  # noqa: ARG002
        """Return the first that is left: nothing is improved here."""
        return domain & -domain

    def prefer(self, package: int, domain: int) -> int:  # noqa: ARG002
        """Return the first that is left."""
        return domain & -domain

    def requested(self) -> Sequence[int]:
        """Return nothing."""
        return ()

    def name(self, package: int) -> str:
        """Return the package's name."""
        if package < len(self._packages):
            return self._universe.name(self._packages[package])
        return f"link {package + self._further}"


def needed_links(
    universe: JointUniverse, links: Sequence[Link], guards: Iterable[int], meter: Meter
) -> list[Link]:
    """Return links that already admit no solution while the guards hold, as few as the budget lets be found.

    Those far from the user's own lines are given up first, so that what is
    left is close to what was written. Returns all of them if they can hold
    together after all.
    """
    held = tuple(guards)
    packages = sorted({*held, *(package for link in links for c in link.clauses for package in c.packages)})
    numbers, first = {package: n for n, package in enumerate(packages)}, len(packages)
    facts = [Incompatibility((numbers[guard],), (1,)) for guard in held]
    for number, link in enumerate(links):
        for c in link.clauses:
            terms = (*(numbers[package] for package in c.packages), first + number)
            facts.append(Incompatibility(terms, (*c.sets, 2), c.fact))
    search = Search(FixedUniverse(universe, packages), facts=facts, reporter=meter, should_stop=meter.is_over)

    def ask(places: Sequence[int]) -> Outcome:
        meter.check()
        meter.assumed(len(places))
        return search.solve([Assumption(package=first + n, allowed=2) for n in places])

    def failing(places: Sequence[int]) -> list[int] | NoAnswer | None:
        outcome = attempt(lambda: ask(places))
        if isinstance(outcome, NoAnswer):
            return outcome
        return None if outcome.selected is not None else [places[n] for n in outcome.core]

    distances = _distances(links)
    order = sorted(range(len(links)), key=lambda n: (distances.get(links[n].owner, 99), n))
    left = failing(order)
    if not isinstance(left, list):
        return list(links)
    needed: list[int] = []
    open_ones = sorted(left, key=order.index)
    while open_ones:
        tried = open_ones.pop()
        rest = failing([*needed, *open_ones])
        if isinstance(rest, NoAnswer):
            needed += [tried, *open_ones]
            break
        if rest is None:
            needed.append(tried)
        else:
            open_ones = [n for n in open_ones if n in rest]
            needed = [n for n in needed if n in rest]
    return [links[n] for n in sorted(needed)]


def _distances(links: Sequence[Link]) -> Mapping[int, int]:
    """Return how many links lead from the user's lines to each package; lines themselves at -1: 0."""
    distance = {-1: 0}
    frontier = [-1]
    by_owner: dict[int, list[Link]] = {}
    for link in links:
        by_owner.setdefault(link.owner, []).append(link)
    while frontier:
        at = frontier.pop(0)
        for link in by_owner.get(at, ()):
            if link.other not in distance:
                distance[link.other] = distance[at] + 1
                frontier.append(link.other)
    return distance
