"""Errors of `lock check` over lockfiles that work: a sample of them, on the machines of the benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.false_alarms import MACHINES, iter_errors, judge, read_judgements
from resolver.checks.registry import CHECKS
from resolver.machine.description import describe_machine
from tests.checks.known import Records, read_problems
from tests.support.amount import IS_WHOLE


def test_every_judgement_is_about_a_rule_and_a_machine_that_there_are() -> None:
    rows = read_judgements()
    assert {row.rule for row in rows} <= {rule.id for rule in CHECKS.all()}
    assert {row.machine for row in rows if row.machine} <= set(MACHINES)
    assert all(row.why for row in rows)


@pytest.mark.shared
@pytest.mark.parametrize("platform", ["linux-64", "osx-arm64", "win-64"])
def test_sampled_solutions_raise_no_error_that_is_wrong_or_unseen(shared: Path, platform: str) -> None:
    machines = {name: describe_machine(**given) for name, given in MACHINES.items()}
    records = Records(shared / "channels")
    rows = read_judgements()
    wrong = [
        (raised.machine, raised.project, raised.finding.rule, raised.finding.message)
        for problem in list(read_problems(shared, platform))[:: 30 if IS_WHOLE else 90]
        for _, errors in iter_errors(problem, records, machines)
        for raised in errors
        if (verdict := judge(raised, rows)) is None or not verdict.is_right
    ]
    assert wrong == []
