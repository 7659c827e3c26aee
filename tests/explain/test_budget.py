"""Explaining within a budget, and over sources that fail: what is known is told, the rest is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from resolver.errors import NoSolutionError, SourceError
from resolver.explain.budget import CONFLICT, FULL, Allowance, Limits, Meter, Whole
from resolver.explain.clock import Clock
from resolver.explain.explanation import Explainer, Explanation
from resolver.explain.members import line_text
from resolver.explain.showing.as_json import explanation_to_json
from resolver.explain.showing.brief import no_solution
from resolver.explain.showing.text import explanation_text
from resolver.model.channels import Channel
from resolver.model.names import PypiName
from resolver.model.records import CondaRecord, CoreMetadata, DistFile, ProjectPage
from resolver.model.target import Target
from resolver.model.unusable import Unusable
from tests.explain.world import CASES, Case, IndexInMemory, Subdir, World, question_of
from tests.support.amount import IS_WHOLE

#: What differs on the way: lines alone, a setting, both worlds, several conflicts, something that isn't
#: there, and a line that is only read once another one is left out (it names a project not read before).
SCENARIOS = [
    *(
        next(case for case in CASES if case.name == name)
        for name in (
            "old-scikit-learn-caps-numpy", "cuda-build-without-cuda", "conda-against-pip", "two-conflicts",
            "unknown-project",
        )
    ),
    Case(
        name="read-late",
        conda=("python=3.12", "numpy>=2", "pip"),
        pip=("numba==0.59.1", "reader"),
    ),
]  # fmt: skip


def members_of(explanation: Explanation) -> list[set[str]]:
    return [{member.text for member in told.conflict.members} for told in explanation.conflicts]


def lines_of(explanation: Explanation) -> list[set[str]]:
    return [{line_text(line) for line in told.conflict.lines} for told in explanation.conflicts]


class Ticks:
    """A clock that goes forward at the n-th look and stands still before."""

    def __init__(self, late_at: int | None) -> None:
        self.late_at, self.looks = late_at, 0

    def __call__(self) -> float:
        self.looks += 1
        return 0.0 if self.late_at is None or self.looks < self.late_at else 100.0


def explain_until(case: Case, ticks: Ticks) -> Explanation:
    world, question = question_of(case)
    explanation = Explainer(world, question, clock=Clock(now=ticks, timeout=1.0)).run()
    assert explanation is not None
    return explanation


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda case: case.name)
def test_a_stop_at_any_look_at_the_clock_leaves_the_conflict_told(case: Case) -> None:
    endless = Ticks(None)
    whole = explain_until(case, endless)
    known = False
    for look in range(2, endless.looks + 1):
        explanation = explain_until(case, Ticks(look))
        if not explanation.conflicts:
            assert not known, f"look {look}: the conflict was known at an earlier one"
            assert explanation.stopped == ("the lines that clash were not found",)
            assert explanation_to_json(explanation)["verdict"] == "undecided"
            assert explanation_text(explanation) == (
                "linux-64: whether there is a solution was not found out in 100.0 s.\n"
                "A longer `--timeout` may tell; without one the search goes on to `--search-limit`."
            )
            continue
        known = True
        assert explanation_to_json(explanation)["verdict"] == "no-solution"
        told = lines_of(explanation)[0]
        assert any(told >= lines for lines in lines_of(whole)), look
        if explanation.stopped:
            assert explanation_text(explanation).endswith(f"{'; '.join(explanation.stopped)}.")
        else:
            assert members_of(explanation) == members_of(whole), look
            assert explanation.fixes == whole.fixes, look
    assert known


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda case: case.name)
@pytest.mark.parametrize("what", ["steps", "questions"])
def test_lock_names_lines_whatever_budget_is_left_for_the_reasons(case: Case, what: str) -> None:
    world, question = question_of(case)
    for amount in range(0, 12 * CONFLICT, 7 if IS_WHOLE else 21) if what == "steps" else range(12):
        budget = Allowance(steps=amount) if what == "steps" else Allowance(questions=amount)
        limits = Limits(finding=budget, telling=budget, proposing=budget, trying=budget, each=budget)
        error = no_solution(world, question.target, question.channels, limits)
        assert isinstance(error, NoSolutionError)
        assert error.core, amount
        assert "no solution for linux-64" in str(error)


def test_without_a_clock_the_answer_is_the_same_however_slow_the_machine_is() -> None:
    """No second is counted: a clock that only measures changes nothing but ``seconds``."""
    for case in SCENARIOS:
        world, question = question_of(case)
        plain = Explainer(world, question).run()
        world, question = question_of(case)
        slow = Explainer(world, question, clock=Clock(now=Ticks(2))).run()
        assert plain is not None
        assert slow is not None
        assert explanation_text(plain) == explanation_text(slow)
        assert (plain.seconds, slow.seconds) == (0.0, 100.0)


# -- sources that fail ------------------------------------------------------------------------------


class Faults:
    """Raises at the n-th call of any source; counts them all."""

    def __init__(self, fail_at: int | None, *, for_good: bool) -> None:
        self.fail_at, self.for_good, self.calls = fail_at, for_good, 0

    def call(self) -> None:
        self.calls += 1
        if self.fail_at is not None and (
            self.calls >= self.fail_at if self.for_good else self.calls == self.fail_at
        ):
            raise SourceError("the connection broke", "https://conda.example.org", status=503)


class FaultySubdir(Subdir):
    faults: Faults

    def records(self, name: str) -> Sequence[CondaRecord]:
        self.faults.call()
        return super().records(name)


class FaultyIndex(IndexInMemory):
    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self.faults = faults

    def project(self, name: PypiName) -> ProjectPage | None:
        self.faults.call()
        return super().project(name)

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        self.faults.call()
        return super().metadata(file, may_build=may_build)


class FaultyWorld(World):
    def __init__(self, case: Case, faults: Faults) -> None:
        plain, _ = question_of(case)
        super().__init__(plain.requirements, case.channels)
        self.faults = faults
        self.indexes = FaultyIndex(faults)

    def open_channels(self, target: Target, channels: Sequence[Channel] | None = None) -> list[Subdir]:
        self.faults.call()
        found: list[Subdir] = []
        for subdir in super().open_channels(target, channels):
            faulty = FaultySubdir(subdir.channel, subdir.subdir)
            faulty.faults = self.faults
            found.append(faulty)
        return found


#: Each case with a source that fails once or for good, in turns; both where all is run.
FAILING = pytest.mark.parametrize(
    ("case", "for_good"),
    [
        pytest.param(case, for_good, id=f"{case.name}-{'for good' if for_good else 'once'}")
        for number, case in enumerate(SCENARIOS)
        for for_good in (False, True)
        if IS_WHOLE or for_good == number % 2
    ],
)


def calls_of(case: Case, run: Callable[[World, Case], object]) -> int:
    faults = Faults(None, for_good=False)
    run(FaultyWorld(case, faults), case)
    return faults.calls


def explain_in(world: World, case: Case) -> Explanation | None:
    _, question = question_of(case)
    return Explainer(world, replace(question, requirements=world.requirements)).run()


@FAILING
def test_a_source_that_fails_at_any_call_leaves_the_conflict_told(case: Case, for_good: bool) -> None:
    known = False
    for call in range(1, calls_of(case, explain_in) + 1):
        world = FaultyWorld(case, Faults(call, for_good=for_good))
        try:
            explanation = explain_in(world, case)
        except SourceError:
            assert not known, f"call {call}: the conflict was known at an earlier one"
            continue
        known = True
        assert explanation is not None
        assert explanation.conflicts, call
        explanation_text(explanation)
    assert known


@FAILING
def test_lock_s_verdict_stands_whatever_source_fails_after_it(case: Case, for_good: bool) -> None:
    def run(world: World, case: Case) -> NoSolutionError:
        _, question = question_of(case)
        return no_solution(world, question.target, question.channels)

    for call in range(1, calls_of(case, run) + 1):
        error = run(FaultyWorld(case, Faults(call, for_good=for_good)), case)
        assert error.exit_code == 4
        assert error.core or "which lines clash can't be told: https://conda.example.org" in str(error), call


def test_a_meter_counts_a_question_once_and_never_lets_a_piece_have_more_than_its_part() -> None:
    meter = Meter()
    meter.allow(Allowance(steps=3, questions=1))
    meter.count("project numpy")
    meter.count("project numpy")
    assert not meter.is_over()
    with meter.within(Allowance(steps=100, questions=100)):
        meter.count("project scipy")
        assert meter.is_over()
    meter.allow(Allowance(questions=0))
    assert not meter.is_over()
    meter.decided(1)
    meter.allow(Allowance(steps=CONFLICT - 1))
    meter.conflict(1)
    assert meter.is_over()


@pytest.mark.parametrize("case", [case for case in CASES if case.pip], ids=lambda case: case.name)
@pytest.mark.parametrize("questions", range(3))
def test_a_change_that_asks_much_is_tried_again_with_what_it_learned(case: Case, questions: int) -> None:
    def fixes(limits: Limits) -> list[object]:
        world, question = question_of(case)
        explanation = Explainer(world, question, limits=limits).run()
        assert explanation is not None
        return [fix.edits for fix in explanation.fixes]

    assert fixes(replace(FULL, each=Allowance(questions=questions))) == fixes(FULL)


def test_all_parts_together_cost_no_more_than_so_many_times_the_failing_search() -> None:
    meter = Meter()
    meter.steps = 1_000
    meter.bound(Whole(times=10, least=300))
    meter.allow(Allowance(steps=1 << 40))
    meter.steps = 11_000
    assert not meter.is_over()
    meter.steps += 1
    assert meter.is_over()
    assert Whole(times=10, least=300).after(20) == 300


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda case: case.name)
@pytest.mark.parametrize("least", [1, 20, 60, 200])
def test_what_the_whole_leaves_out_is_said(case: Case, least: int) -> None:
    def explain(whole: Whole | None) -> Explanation:
        world, question = question_of(case)
        found = Explainer(world, question, limits=replace(FULL, whole=whole)).run()
        assert found is not None
        return found

    endless, short = explain(None), explain(Whole(times=1, least=least))
    assert short.verdict == endless.verdict
    assert short.conflicts
    assert short.stopped or len(short.fixes) == len(endless.fixes)
    assert explanation_text(short) == explanation_text(explain(Whole(times=1, least=least)))
