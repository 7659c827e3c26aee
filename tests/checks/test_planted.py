"""Planted faults are all found, with evidence that names both sides; without them nothing is wrong."""

from __future__ import annotations

import pytest

from resolver.checks.registry import run_checks
from tests.checks.make import Env, make_context
from tests.checks.planted import FAULTS, SOUND, Fault


@pytest.mark.parametrize("env", SOUND.values(), ids=SOUND)
def test_sound_environments_have_no_errors(env: Env) -> None:
    report = run_checks(make_context(env))
    assert [finding.message for finding in report.findings if finding.severity.value == "error"] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.why)
def test_planted_fault_is_found(fault: Fault) -> None:
    report = run_checks(make_context(fault.env))
    found = [finding for finding in report.findings if finding.rule == fault.rule]
    assert found, sorted({finding.rule for finding in report.findings})
    evidence = "\n".join(found[0].evidence)
    for name in fault.names:
        assert name in evidence


def test_there_are_thirty() -> None:
    assert len(FAULTS) >= 30
    assert len({fault.why for fault in FAULTS}) == len(FAULTS)
