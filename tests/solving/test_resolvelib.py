"""resolvelib beside the engine: over the same provider, with the same verdicts."""

from __future__ import annotations

import pytest
from resolvelib import BaseReporter, ResolutionImpossible, Resolver

from resolver.solving.provider import UniverseProvider, solve_with_resolvelib
from resolver.solving.resolvelib_engine import ConflictDrivenResolver
from tests.oracles import brute
from tests.oracles.universe_generator import make_universe
from tests.oracles.universes import find_violations
from tests.solving.data_universe import BitUniverse, joint_universe
from tests.support.amount import IS_WHOLE

SEEDS = range(0, 600 if IS_WHOLE else 200, 100)


@pytest.mark.parametrize("start", SEEDS)
def test_resolvelib_agrees_on_verdicts(start: int) -> None:
    wrong = []
    for seed in range(start, start + 100):
        data = make_universe(seed)
        universe = BitUniverse(data)
        selected = solve_with_resolvelib(universe)
        if (selected is not None) != brute.solve(data).satisfiable:
            wrong.append(f"{seed}: verdict")
        elif selected is not None:
            wrong += [f"{seed}: {why}" for why in find_violations(data, universe.assignment(selected))]
    assert wrong == []


@pytest.mark.parametrize("start", SEEDS)
def test_engine_is_a_drop_in_for_resolvers(start: int) -> None:
    for seed in range(start, start + 100):
        data = make_universe(seed)
        provider = UniverseProvider(joint_universe(data))
        resolver = ConflictDrivenResolver(provider, BaseReporter())
        if brute.solve(data).satisfiable:
            result = resolver.resolve(provider.root_requirements())
            for key, candidate in result.mapping.items():
                assert all(
                    provider.is_satisfied_by(r, candidate) for r in result.criteria[key].iter_requirement()
                )
                assert key in result.graph
        else:
            with pytest.raises(ResolutionImpossible) as caught:
                resolver.resolve(provider.root_requirements())
            assert caught.value.causes


def test_causes_are_the_clashing_requirements_alone() -> None:
    data = next(
        u for u in map(make_universe, range(2000)) if not brute.solve(u).satisfiable and len(u.root) > 3
    )
    provider = UniverseProvider(joint_universe(data))
    with pytest.raises(ResolutionImpossible) as caught:
        ConflictDrivenResolver(provider, BaseReporter()).resolve(provider.root_requirements())
    causes = [cause.requirement for cause in caught.value.causes]
    with pytest.raises(ResolutionImpossible):
        Resolver(provider, BaseReporter()).resolve(causes, max_rounds=20_000)
