"""The engines by name, and one call that serves both."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resolver.constraints.universe import JointUniverse
from resolver.errors import InputError, NoSolutionError
from resolver.model.resolution import Resolution
from resolver.solving.answer import Answer, FileHook, IndexHook
from resolver.solving.best import find_best, standings
from resolver.solving.reporter import SearchReporter
from resolver.solving.rest import best_all_the_way
from resolver.solving.search import Search

ENGINES = ("lockstack", "resolvelib")


def solve_with(
    engine: str,
    universe: JointUniverse,
    *,
    reporter: SearchReporter,
    with_hash: FileHook,
    index_of: IndexHook,
    explain: Callable[[JointUniverse], Exception],
) -> Resolution:
    """Return the universe's best resolution.

    ``lockstack`` proves its answer best; ``resolvelib`` gives the first one it
    finds. Raises what ``explain`` makes of the universe where there is none.
    """
    if engine not in ENGINES:
        raise InputError(f"no engine `{engine}`", hint=f"Known engines: {', '.join(ENGINES)}.")
    selected: Mapping[int, int] | None
    if engine == "resolvelib":
        selected = _by_resolvelib(universe)
    else:
        search = Search(universe, reporter=reporter)
        outcome = search.solve()
        selected = outcome.selected
        if selected is not None:
            selected = find_best(search, selected)
            selected = best_all_the_way(search, selected, standings(search))
    if selected is None:
        raise explain(universe)
    return Answer(universe, selected).resolution(with_hash=with_hash, index_of=index_of)


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
