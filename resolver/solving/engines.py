"""The engines by name, and one call that serves both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.universe import JointUniverse
from resolver.errors import InputError, NoSolutionError, SourceError, UndecidedError
from resolver.model.resolution import Resolution
from resolver.solving.answer import Answer, FileHook, IndexHook
from resolver.solving.best import find_best, standings
from resolver.solving.notices.gathering import iter_notices
from resolver.solving.notices.held_back import Relocked
from resolver.solving.reporter import SearchReporter, Stage
from resolver.solving.rest import Best, best_all_the_way, budget_after
from resolver.solving.search import Budget, Interrupted, Search

if TYPE_CHECKING:
    from resolver.metadata.passed_over import PassedOver
    from resolver.model.names import PypiName
    from resolver.solving.pins_alone import SolvedByPins
    from resolver.solving.relock import Earlier

ENGINES = ("lockstack", "resolvelib")
#: How often a search begins anew as it met a pin of the earlier lockfile too late.
_ANEW = 3
#: How often it is locked again for what is said of one answer: each takes about as long as the lock itself.
_MOST_RELOCKS = 4
#: Projects -> what later indexes have of those that an earlier one decided alone.
IndexesPassedOver: TypeAlias = "Callable[[Sequence[PypiName]], Mapping[PypiName, PassedOver]]"
#: Projects -> the indexes whose files stand together, of those that no index decides alone.
IndexesHaving: TypeAlias = "Callable[[Sequence[PypiName]], Mapping[PypiName, tuple[str, ...]]]"


class WheelsDifferError(Exception):
    """Wheels that an answer takes ask for other things than those that the search read of their releases."""

    def __init__(self, releases: Sequence[tuple[PypiName, str]]) -> None:
        super().__init__(", ".join(f"{name} {version}" for name, version in releases))
        self.releases = releases


class Solved(msgspec.Struct, frozen=True, kw_only=True):
    """A resolution; ``is_proven``: it is the best one (always False of resolvelib's)."""

    resolution: Resolution
    is_proven: bool


def solve_with(
    engine: str,
    universe: JointUniverse,
    *,
    reporter: SearchReporter,
    with_hash: FileHook,
    index_of: IndexHook,
    explain: Callable[[JointUniverse], Exception],
    passed_over: IndexesPassedOver | None = None,
    all_having: IndexesHaving | None = None,
    updated: Callable[[Sequence[str]], JointUniverse] | None = None,
    limit: int = 0,
    known: SolvedByPins | None = None,
) -> Solved:
    """Return the universe's best resolution; ``limit``: conflicts until a solution is found, 0: any number.

    ``updated`` gives the universe in which some names are updated too, to learn what that would free.
    ``known``: the universe's best solution, which has been found already.

    ``lockstack`` proves its answer best; ``resolvelib`` gives the first one it
    finds. Raises what ``explain`` makes of the universe where there is none, UndecidedError
    at the limit, and WheelsDifferError where some releases must be told apart in another universe.
    """
    if engine not in ENGINES:
        raise InputError(f"no engine `{engine}`", hint=f"Known engines: {', '.join(ENGINES)}.")
    clauses: Iterable[Incompatibility] = ()  # resolvelib's engine keeps none
    best: Best | None
    if known is not None:
        best, clauses = known.best, known.clauses
    elif engine == "resolvelib":
        selected = _by_resolvelib(universe)
        best = None if selected is None else Best(selected=selected, is_proven=False)
    else:
        try:
            search, best = solve_anew(universe, reporter=reporter, limit=limit)
        except Interrupted:
            raise UndecidedError(universe.conda.target.subdir, limit) from None
        clauses = search.steps.propagation.known
    if best is None:
        raise explain(universe)
    files = None
    if universe.pypi is not None:
        from resolver.solving.taken_wheels import TakenFiles, differing_releases

        files = TakenFiles(universe, universe.pypi, best.selected)
        if differing := differing_releases(universe, universe.pypi, best.selected, files):
            raise WheelsDifferError(differing)
    resolution = Answer(universe, best.selected, files).resolution(with_hash=with_hash, index_of=index_of)
    projects = tuple(pin.name for pin in resolution.pypi if pin.direct is None)
    found = passed_over(projects) if passed_over is not None and projects else {}
    together = all_having(projects) if all_having is not None and projects else {}
    if found or together:
        from resolver.solving.shared import shared_projects

        resolution = replace(resolution, shared=shared_projects(resolution, found, together))
    updates = None if updated is None or not universe.has_earlier else Relocks(updated, limit)
    notices = iter_notices(universe, best.selected, resolution, found, clauses, updates)
    resolution = replace(resolution, notices=tuple(notices))
    return Solved(resolution=resolution, is_proven=best.is_proven)


class Relocks:
    """Locks again with some names updated, to learn what the requested packages come to."""

    def __init__(self, updated: Callable[[Sequence[str]], JointUniverse], limit: int) -> None:
        self._updated, self._limit, self._left = updated, limit, _MOST_RELOCKS

    def relock(self, names: Sequence[str]) -> Relocked | None:
        """Return what comes of it; None where a source fails, at a limit, or after too many."""
        self._left -= 1
        if self._left < 0:
            return None
        try:
            universe = self._updated(names)
            search, best = solve_anew(universe, limit=self._limit, only_requested=True)
        except (Interrupted, SourceError):
            return None
        known = search.steps.propagation.known
        return None if best is None else Relocked(universe=universe, selected=best.selected, clauses=known)


def solve_anew(
    universe: JointUniverse,
    *,
    reporter: SearchReporter | None = None,
    limit: int = 0,
    only_requested: bool = False,
) -> tuple[Search, Best | None]:
    """Return a search, and the best solution that it found, as :func:`solve_best` does.

    Where a pin of the earlier lockfile was met too late, another search begins that knows it.
    """
    search = Search(universe, reporter=reporter)
    if not universe.has_earlier:
        return search, solve_best(search, limit=limit, only_requested=only_requested)
    from resolver.solving.relock import met_too_late

    best, highest = solve_best(search, universe, limit=limit, only_requested=only_requested), 0
    for _ in range(_ANEW):
        late = frozenset() if best is None else met_too_late(best, universe)
        if not late:
            return search, best
        search = Search(universe, reporter=reporter)
        highest = max(highest, *late)
        search.state.ensure(highest)
        best = solve_best(search, universe, limit=limit, only_requested=only_requested)
    if best is not None and met_too_late(best, universe):
        search.reporter.left_as_it_is(Stage.STAY)
        best = replace(best, is_proven=False)
    return search, best


def solve_best(
    search: Search, earlier: Earlier | None = None, *, limit: int = 0, only_requested: bool = False
) -> Best | None:
    """Return the best solution; None: there is none. Each stage is reported.

    Raises Interrupted where ``limit`` conflicts (0: any number) bring neither. The questions of
    the later stages have budgets of their own: where one ends, what was found stays, and that is reported.

    1. Any solution.
    2. Over an earlier lockfile: what is updated moves, of all else as little as can be.
    3. The requested packages: none can be better unless another gets worse.
    4. Everything else that comes in: newest, nearest first; not where ``only_requested`` are of interest.
    """
    reporter, before = search.reporter, search.effort
    selected = search.solve(budget=Budget(decisions=None, conflicts=limit) if limit else None).selected
    first = search.effort
    reporter.searched(Stage.FIRST, first.since(before))
    if selected is None:
        return None
    search.budget = budget_after(first.since(before))
    kept = Best(selected=selected, is_proven=True)
    if earlier is not None:
        from resolver.solving.relock import keep_what_stays

        kept = keep_what_stays(search, selected, earlier)
        if not kept.is_proven:
            reporter.left_as_it_is(Stage.STAY)
        reporter.searched(Stage.STAY, search.effort.since(first))
    stayed = search.effort
    given_up = search.given_up
    ranked = standings(search)
    selected = find_best(search, kept.selected, ranked)
    is_proven = kept.is_proven and search.given_up == given_up
    if search.given_up > given_up:
        reporter.left_as_it_is(Stage.PROOF)
    proven = search.effort
    reporter.searched(Stage.PROOF, proven.since(stayed))
    if only_requested:
        return Best(selected=selected, is_proven=is_proven, pins=kept.pins)
    budget = budget_after(proven.since(before))
    best = best_all_the_way(search, selected, standings(search, ranked), budget=budget)
    reporter.searched(Stage.REST, search.effort.since(proven))
    return Best(selected=best.selected, is_proven=best.is_proven and is_proven, pins=kept.pins)


def _by_resolvelib(universe: JointUniverse) -> Mapping[int, int] | None:
    from resolvelib import ResolutionTooDeep

    from resolver.solving.provider import MAX_ROUNDS, solve_with_resolvelib

    try:
        return solve_with_resolvelib(universe)
    except ResolutionTooDeep:
        raise NoSolutionError(
            f"the resolvelib engine gave up after {MAX_ROUNDS:,} rounds without an answer",
            hint="The default engine (`--engine lockstack`) learns from conflicts and decides this.",
        ) from None
