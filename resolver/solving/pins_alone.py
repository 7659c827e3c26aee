"""A relock that begins with the earlier lockfile's pins alone: most edits let all of them stay.

::

    lines           earlier pins          world of pins alone          the whole world
    a, b >=2, new   a 1.0  b 2.1  c 0.3   a: 1.0       b: 2.1          a: 1.0, 1.1, 0.9 ...
                                          c: 0.3       new: 3.0, 2.9   new: 3.0, 2.9 ...

In the universe of pins alone (``only_pins`` of :class:`resolver.constraints.conda_side.CondaSide`) a package
that has a pin has no other candidate, so next to nothing is read, ordered or compared. What is found there is
taken where a search of the whole universe surely gives the same:

1. It was found without a conflict, and meets every incompatibility of the whole universe: those of what is
   selected have been read, cut to the candidates that are left. What was passed over (limits on packages
   that nothing had asked for, conda packages that nothing had brought in) is of packages that aren't there.
2. Where all that is selected holds a pin that stays (:meth:`Earlier.holds`), no other solution moves
   nothing, as :mod:`resolver.solving.relock` says.
3. A package without a pin is of the best level that there is; and of its builds of this level that come
   before it, or have its build number, none can stand beside what stays. So the whole search finds the
   fewest moves to be none, no level that could be better, and this build to be the first that is left.

Where a requested package is not the newest that its lines admit, whoever holds it back has to be found among
all candidates (of a pin that stays, it isn't told). Then, and in all other cases, nothing is taken, and the
whole universe is searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import UnusableFact
from resolver.constraints.registry import Kind
from resolver.constraints.universe import JointUniverse
from resolver.solving.notices.against import Against
from resolver.solving.reporter import SearchReporter, Stage
from resolver.solving.rest import Best
from resolver.solving.search import Interrupted, Search


class SolvedByPins(msgspec.Struct, frozen=True, kw_only=True):
    """A universe of pins alone, the solution that it shares with the whole one, and what the search read."""

    universe: JointUniverse
    best: Best
    clauses: Iterable[Incompatibility]


def solve_by_pins(universe: JointUniverse, reporter: SearchReporter) -> SolvedByPins | None:
    """Return the solution of a universe of pins alone; None: the whole one must be searched.

    Raises SourceError as every search does.
    """
    search = Search(universe, should_stop=lambda: True)
    try:
        selected = search.solve().selected
    except Interrupted:
        return None
    if selected is None or not _is_sure(universe, search, selected):
        return None
    reporter.searched(Stage.FIRST, search.effort)
    pins = frozenset(package for package in selected if universe.pinned(package))
    best = Best(selected=selected, is_proven=True, pins=pins)
    return SolvedByPins(universe=universe, best=best, clauses=search.steps.propagation.known)


def _is_sure(universe: JointUniverse, search: Search, selected: Mapping[int, int]) -> bool:
    """Tell whether the whole universe would be solved the same way."""
    keys, unread = universe.registry.keys, universe.conda.unread
    if any(keys[package].kind is Kind.CONDA and keys[package].name in unread for package in selected):
        return False
    if any(isinstance(clause.fact, UnusableFact) for clause in search.steps.propagation.known):
        return False
    if not all(_is_best(universe, selected, package) for package in selected):
        return False
    view = Against(universe, selected)
    return not any(view.newest(package) for package in universe.requested() if package in selected)


def _is_best(universe: JointUniverse, selected: Mapping[int, int], package: int) -> bool:
    """Tell whether a package is at its pin, or nothing else of it could be taken beside the pins."""
    candidate, kind = selected[package], universe.registry.keys[package].kind
    if kind is Kind.PYPI:
        project = universe.registry.pypi(package)
        if project.domain.releases[candidate].is_provided:
            # Where an index had it before, it has crossed over.
            return universe.pypi is not None and universe.pypi.policy.preferred_version(project.name) is None
    if universe.holds(package, candidate):
        return True
    if universe.version_kept(package) or universe.is_updated(package):
        return False
    levels = universe.levels(package)
    if levels[candidate] != min(levels):
        return False
    if kind is not Kind.CONDA:
        late = universe.registry.pypi(package).domain.late
        return not late & (2 << candidate) and list(levels).count(levels[candidate]) == 1
    domain = universe.registry.conda(package).domain
    start, (_, end) = domain.level_run(candidate)[0], domain.number_run(candidate)
    return all(
        place == candidate or _is_barred(universe, selected, package, place) for place in range(start, end)
    )


def _is_barred(universe: JointUniverse, selected: Mapping[int, int], package: int, candidate: int) -> bool:
    """Tell whether a candidate can't stand beside what stays where it is."""
    for clause in chain.from_iterable(universe.parts(package, candidate)):
        others = [
            (other, members)
            for other, members in zip(clause.packages, clause.sets, strict=True)
            if other != package
        ]
        if len(others) == 1:
            other, members = others[0]
            chosen = selected.get(other)
            if chosen is not None and members & (2 << chosen) and universe.holds(other, chosen):
                return True
    return False
