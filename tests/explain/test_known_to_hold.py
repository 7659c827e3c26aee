"""Changes of settings that a solution without regard to the setting shows to hold aren't solved again."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from resolver.constraints.universe import JointUniverse
from resolver.explain.budget import FULL
from resolver.explain.explanation import Explainer, Explanation
from resolver.explain.fixes.changes import Action, Question
from resolver.model.target import Target
from resolver.solving.search import Search
from tests.explain.world import CASES, Case, World, question_of, universe_after

SETTINGS = [
    Case(name="a-build-beside-a-lower-fact", conda=("pytorch=2.3.0=cuda*", "__cuda=11")),
    Case(name="a-build-beside-a-fact-of-its-channel", conda=("pytorch=2.3.0=cuda*", "conda-forge::__cuda")),
    Case(name="a-build-beside-a-higher-fact", conda=("pytorch=2.3.0=cuda*", "__cuda >=12.5")),
    Case(name="a-build-beside-pip-lines", conda=("python=3.12", "pytorch=2.3.0=cuda*"), pip=("rich",)),
    Case(name="wheels-and-a-build-of-a-newer-glibc", conda=("python=3.12", "libold"), pip=("rich",),
         facts={"__glibc": "2.17"}),
]  # fmt: skip


class WatchedWorld(World):
    """Notes the targets that universes are made for."""

    def __init__(self, like: World) -> None:
        super().__init__(like.requirements, [channel.name for channel in like.channels])
        self.targets: list[Target] = []

    def universe(self, target: Target, *args: Any, **rest: Any) -> JointUniverse:
        self.targets.append(target)
        return super().universe(target, *args, **rest)


def first_change(case: Case, *, counts: bool) -> tuple[Explanation, WatchedWorld, Question]:
    """Return an explanation with the first change that works, the world that was asked, and the question."""
    plain, question = question_of(case)
    world = WatchedWorld(plain)
    explanation = Explainer(world, question, limits=replace(FULL, counts=counts)).run(most_fixes=1)
    assert explanation is not None
    return explanation, world, question


def in_words(explanation: Explanation) -> list[tuple[list[str], tuple[tuple[str, str], ...], float]]:
    return [([str(edit) for edit in fix.edits], fix.gives, fix.cost) for fix in explanation.fixes]


@pytest.mark.parametrize("case", [*CASES, *SETTINGS], ids=lambda case: case.name)
def test_the_same_change_is_told_where_packages_are_not_counted(case: Case) -> None:
    told, world, question = first_change(case, counts=False)
    assert in_words(told) == in_words(first_change(case, counts=True)[0])
    for fix in told.fixes:
        universe = universe_after(fix, world, question)
        assert Search(universe).solve().selected is not None


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("cuda-build-without-cuda", Action.VIRTUAL),
        ("a-build-beside-a-higher-fact", Action.VIRTUAL),
        ("a-build-beside-pip-lines", Action.VIRTUAL),
        ("without-what-is-hidden", Action.PRIORITY),
    ],
)
def test_what_is_known_to_hold_is_not_solved(name: str, action: Action) -> None:
    case = next(case for case in (*CASES, *SETTINGS) if case.name == name)
    told, world, question = first_change(case, counts=False)
    counted, other_world, _ = first_change(case, counts=True)
    (edit,) = told.fixes[0].edits
    assert edit.action is action
    changed = question.changed((edit,)).target
    assert world.targets.count(changed) == other_world.targets.count(changed) - 1
    assert told.fixes[0].packages > 0
    assert told.solves < counted.solves


def test_a_fact_that_a_line_does_not_admit_is_tried_and_does_not_help() -> None:
    told, world, _ = first_change(SETTINGS[0], counts=False)
    assert any(target.virtual("__cuda") for target in world.targets)
    assert not any(edit.action is Action.VIRTUAL for fix in told.fixes for edit in fix.edits)
