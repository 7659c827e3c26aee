"""The conflict-driven engine behind resolvelib's resolver interface."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from resolvelib import AbstractResolver, ResolutionImpossible
from resolvelib.resolvers import RequirementInformation, Result
from resolvelib.resolvers.criterion import Criterion
from resolvelib.structs import DirectedGraph

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import Assumption
from resolver.solving.best import find_best
from resolver.solving.provider import Requirement, Selected, UniverseProvider
from resolver.solving.reporter import SearchReporter
from resolver.solving.search import Search


class _Rounds(SearchReporter):
    """Tells resolvelib's reporter of decisions as rounds."""

    def __init__(self, reporter: Any) -> None:
        self._reporter = reporter
        self._round = 0

    def decided(self, count: int) -> None:  # noqa: ARG002
        self._reporter.starting_round(self._round)
        self._reporter.ending_round(self._round, None)
        self._round += 1


class ConflictDrivenResolver(AbstractResolver[Requirement, Selected, int]):
    """A drop-in for ``resolvelib.Resolver`` over a :class:`UniverseProvider`.

    Returns resolvelib's ``Result`` (mapping, graph, criteria) of the best
    solution; raises ResolutionImpossible with the requirements that clash.
    """

    base_exception: type[Exception] = ResolutionImpossible
    provider: UniverseProvider

    def resolve(
        self,
        requirements: Iterable[Requirement],
        **kwargs: Any,  # noqa: ARG002  (resolvelib's signature)
    ) -> Result[Requirement, Selected, int]:
        """Resolve ``requirements``; resolvelib's keyword arguments are accepted and not needed."""
        asked = list(requirements)
        self.reporter.starting()
        facts = [_as_fact(self.provider, requirement) for requirement in asked]
        search = Search(self.provider.universe, facts=facts, proofs=True, reporter=_Rounds(self.reporter))
        outcome = search.solve()
        if outcome.selected is None:
            raise ResolutionImpossible(_causes(asked, facts, outcome.proof))
        chosen = find_best(search, outcome.selected)
        result = self._result(asked, {k: Selected(k, place) for k, place in chosen.items()})
        for candidate in result.mapping.values():
            self.reporter.pinning(candidate)
        self.reporter.ending(result)  # type: ignore[arg-type]  # it has the three fields that are read
        return result

    def _result(
        self, asked: list[Requirement], mapping: dict[int, Selected]
    ) -> Result[Requirement, Selected, int]:
        graph: DirectedGraph[int | None] = DirectedGraph()
        graph.add(None)
        for key in mapping:
            graph.add(key)
        information: dict[int, list[RequirementInformation[Requirement, Selected]]] = {
            key: [] for key in mapping
        }
        parents: list[Selected | None] = [None, *mapping.values()]
        for parent in parents:
            needed = asked if parent is None else self.provider.get_dependencies(parent)
            for requirement in needed:
                key = requirement.package
                if key not in mapping:
                    continue
                information[key].append(RequirementInformation(requirement, parent))
                start = None if parent is None else parent.package
                if key != start and not graph.connected(start, key):
                    graph.connect(start, key)
        criteria = {
            key: Criterion([mapping[key]], [i for i in found if i is not None], [])
            for key, found in information.items()
        }
        return Result(mapping, graph, criteria)


def _as_fact(provider: UniverseProvider, requirement: Requirement) -> Incompatibility:
    if requirement.package < 0:
        return requirement.clause
    full = (1 << (provider.universe.size(requirement.package) + 1)) - 1
    asked = Assumption(package=requirement.package, allowed=requirement.allowed)
    return Incompatibility((requirement.package,), (full & ~requirement.allowed,), asked)


def _causes(
    asked: list[Requirement], facts: list[Incompatibility], proof: Incompatibility | None
) -> list[RequirementInformation[Requirement, Selected]]:
    """Return the root requirements that the proof rests on (all of them, where it names none)."""
    leaves: set[Incompatibility] = set()
    stack = [proof] if proof is not None else []
    seen: set[Incompatibility] = set()
    while stack:
        clause = stack.pop()
        if clause in seen:
            continue
        seen.add(clause)
        if clause.parents:
            stack.extend(clause.parents)
        else:
            leaves.add(clause)
    used = [r for r, fact in zip(asked, facts, strict=True) if fact in leaves]
    return [RequirementInformation(requirement, None) for requirement in used or asked]
