"""Universes and searches go as soon as nobody asks them any more; none waits for a garbage collection."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.conda_side import CondaSide
from resolver.constraints.pypi_package import PypiPackage
from resolver.constraints.universe import JointUniverse
from resolver.explain.explanation import Explainer
from resolver.solving.propagation import Propagation
from resolver.solving.search import Search
from tests.explain.world import Case, question_of

KINDS = (JointUniverse, CondaSide, CondaPackage, PypiPackage, Search, Propagation)
CASES = [
    Case(name="conda lines that clash", conda=("python=3.13", "pygraphviz", "pango==1.48.2", "numpy<2")),
    Case(name="pip lines that clash", conda=("python=3.11",), pip=("numba==0.59.1", "numpy>=2")),
    Case(name="lines that hold together", conda=("python=3.12", "numpy"), pip=("rich>=13",)),
]


def held() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, KINDS))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_of_a_search_or_an_explanation_stays(case: Case) -> None:
    world, question = question_of(case)
    gc.collect()
    before = held()
    gc.disable()
    try:
        search = Search(world.universe(question.target, question.requirements))
        assert (search.solve().selected is None) is case.name.endswith("clash")
        explanation = Explainer(world, question).run()
        assert (explanation is not None) is case.name.endswith("clash")
        assert held() > before
        del search, explanation
        assert held() == before
    finally:
        gc.enable()
