"""Stacks that people reported broken: what is said of each, and how many are told in full.

``known_bad.json`` has a row for each report: its address, what was wrong in a few words, the environment
(rebuilt, in the words of ``Env``), the rule that must speak, and what it must name. A row with ``missed`` is
one that isn't told yet; it must stay so until somebody takes the word away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from resolver.checks.registry import all_rules, run_checks
from resolver.model.findings import Severity
from tests.checks.make import Env, make_context

ROWS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("known_bad.json").read_text("utf-8"))


def is_told(row: dict[str, Any]) -> bool:
    """Tell whether an error or a warning of the row's rule names everything that it must."""
    report = run_checks(make_context(Env(**row["env"])))
    return any(
        all(name in " ".join([finding.message, *finding.evidence]) for name in row["names"])
        for finding in report.findings
        if finding.rule == row["rule"] and finding.severity is not Severity.NOTE
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["report"].removeprefix("https://github.com/"))
def test_a_reported_stack_is_told(row: dict[str, Any]) -> None:
    assert is_told(row) != bool(row.get("missed")), [
        f"{finding.severity.value} {finding.rule}: {finding.message}"
        for finding in run_checks(make_context(Env(**row["env"]))).findings
    ]


def test_the_table_is_sound() -> None:
    reports = [row["report"] for row in ROWS]
    assert len(reports) == len(set(reports)) >= 60
    assert all(len(row["names"]) >= 2 for row in ROWS)
    assert {row["rule"] for row in ROWS} <= {rule.id for rule in all_rules()}
    assert sum(not row.get("missed") for row in ROWS) >= 55
