"""Minimal conflicts: against every subset of lines, on small random worlds."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.explain.core import CoreFinder, hitting_sets
from resolver.explain.explanation import Explainer
from resolver.explain.settings import Relaxed
from resolver.solving.search import Search
from tests.explain.world import Case, World, question_of, requirements_of
from tests.support.amount import examples

LINES = (
    "python=3.11", "python=3.12", "python=3.13", "numpy>=2", "numpy<2", "scikit-learn==1.5.0", "scikit-learn",
    "pythran>=0.16", "gast==0.4.0", "gast>=0.5", "pygraphviz", "pango==1.48.2", "jupyterlab", "tornado=6.1",
    "pytorch=2.3.0=cuda*", "libold",
)  # fmt: skip
PIP = ("numba==0.59.1", "rich>=13", "numpy>=2")
ANY_LINES = st.lists(st.sampled_from(LINES), min_size=1, max_size=7, unique=True)


def holds(
    world: World, case: Case, lines: tuple[str, ...], pip: tuple[str, ...], wild: frozenset[str] = frozenset()
) -> bool:
    _, question = question_of(case)
    universe = world.universe(question.target, requirements_of(lines, pip), wild=wild)
    return Search(universe).solve().selected is not None


@settings(deadline=None, max_examples=examples(100))
@given(conda=ANY_LINES, pip=st.lists(st.sampled_from(PIP), max_size=1))
def test_a_core_is_minimal_and_every_fix_holds(conda: list[str], pip: list[str]) -> None:
    case = Case(name="any", conda=tuple(conda), pip=tuple(pip))
    world, question = question_of(case)
    explanation = Explainer(world, question).run()
    if holds(world, case, tuple(conda), tuple(pip)):
        assert explanation is None
        return
    assert explanation is not None
    assert explanation.conflicts
    for told in explanation.conflicts:
        texts = [m.text for m in told.conflict.members if m.line is not None]
        mine = tuple(t for t in conda if t in texts)
        theirs = tuple(t for t in pip if t in texts)
        # a conflict that is left when a setting is changed is minimal where it is changed
        wild = told.conflict.universe.conda.wild
        assert not holds(world, case, mine, theirs, wild)
        for left_out in texts:
            fewer = tuple(t for t in mine if t != left_out)
            assert holds(world, case, fewer, tuple(t for t in theirs if t != left_out), wild)
    for fix in explanation.fixes:
        changed = question.changed(fix.edits, world.other_channels())
        universe = world.universe(changed.target, changed.requirements, channels=changed.channels)
        assert Search(universe).solve().selected is not None


@settings(deadline=None, max_examples=examples(30))
@given(conda=ANY_LINES)
def test_a_setting_is_a_member_only_if_the_lines_hold_without_it(conda: list[str]) -> None:
    case = Case(name="any", conda=tuple(conda))
    world, question = question_of(case)
    explanation = Explainer(world, question).run(most_fixes=0)
    for told in explanation.conflicts if explanation else ():
        for setting in told.conflict.settings:
            wild = told.conflict.universe.conda.wild
            relaxed = Relaxed(target=question.target, wild=wild).without(setting)
            asked = requirements_of([m.text for m in told.conflict.members if m.line is not None])
            universe = world.universe(relaxed.target, asked, wild=relaxed.wild)
            assert Search(universe).solve().selected is not None


@settings(deadline=None, max_examples=examples(30))
@given(conda=ANY_LINES)
def test_conflicts_left_are_hit_by_every_fix(conda: list[str]) -> None:
    """Changing one line of each conflict found is enough: no conflict is forgotten."""
    world, question = question_of(Case(name="any", conda=tuple(conda)))
    finder = CoreFinder(world.universe(question.target))
    cores, complete = finder.find_all()
    if not cores or not complete:
        return
    chosen = next(hitting_sets([core.places for core in cores]))
    rest = [n for n in range(len(finder.lines)) if n not in chosen]
    assert finder.ask(rest).selected is not None
    assert finder.ask(rest) is finder.ask(rest)  # what was asked last isn't searched again
    assert not rest or finder.ask([]) is not finder.ask(rest)


@given(sets=st.lists(st.sets(st.integers(0, 5), min_size=1, max_size=3), min_size=1, max_size=4))
def test_hitting_sets_are_minimal_and_complete(sets: list[set[int]]) -> None:
    found = list(hitting_sets([sorted(one) for one in sets]))
    everything = sorted({n for one in sets for n in one})
    expected = []
    for size in range(1, len(sets) + 1):
        for group in combinations(everything, size):
            chosen = frozenset(group)
            if all(chosen & one for one in sets) and not any(earlier < chosen for earlier in expected):
                expected.append(chosen)
    assert set(found) == set(expected)
    assert [len(one) for one in found] == sorted(len(one) for one in found)
