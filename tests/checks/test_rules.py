"""Every rule speaks about a faulty environment, names its packages, and is silent about a sound one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Rule, all_rules, iter_findings, run_checks
from resolver.model.findings import Fact, Finding, Severity
from tests.checks import cases_channels, cases_gpu, cases_installed, cases_machine, cases_supply_chain
from tests.checks.make import RECORDS, Case, Env, make_context

CASES: list[Case] = [
    *cases_channels.CASES,
    *cases_gpu.CASES,
    *cases_machine.CASES,
    *cases_installed.CASES,
    *cases_supply_chain.CASES,
]
RULES: dict[str, Rule] = {rule.id: rule for rule in all_rules()}


def findings(env: Env, rule: str) -> list[Finding]:
    """Return what one rule finds in an environment."""
    return list(iter_findings(make_context(env), [RULES[rule]]))


def identify(case: Case) -> str:
    """Return the id of a case's test."""
    return f"{case.rule}-{case.severity}" if case.severity else case.rule


@pytest.mark.parametrize("case", CASES, ids=identify)
def test_rule_speaks_about_the_fault(case: Case) -> None:
    found = findings(case.fails, case.rule)
    assert found
    finding = found[0]
    said = "\n".join([finding.message, *finding.evidence])
    for name in case.names:
        assert name in said
    assert finding.evidence, "a finding without evidence can't be believed"
    if case.severity is not None:
        assert finding.severity.value == case.severity
    if finding.fact is not None:
        assert finding.fact.source
        assert finding.fact.date


@pytest.mark.parametrize("case", CASES, ids=identify)
def test_rule_is_silent_about_a_sound_environment(case: Case) -> None:
    if case.severity in ("warning", "note"):
        assert all(finding.severity.value != case.severity for finding in findings(case.passes, case.rule))
    else:
        assert findings(case.passes, case.rule) == []


@pytest.mark.parametrize(
    ("certainty", "severity"),
    [
        ("published", "error"),
        ("quoted", "error"),
        ("agreed", "error"),
        ("secondary", "warning"),
        ("unverified", "warning"),
    ],
)
def test_a_fact_that_was_not_seen_in_its_source_holds_up_nothing(certainty: str, severity: str) -> None:
    def speak(_: CheckContext) -> Iterator[Found]:
        yield Found(message="it fails", fact=Fact(text="so it is said", source="a page", certainty=certainty))

    rule = Rule(id="test/unsure", severity=Severity.ERROR, line="it fails", check=speak)
    assert [item.severity.value for item in iter_findings(make_context(Env()), [rule])] == [severity]


def test_every_rule_has_a_case() -> None:
    assert set(RULES) == {case.rule for case in CASES}
    assert len(RULES) >= 45


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_rule_is_documented(rule: Rule) -> None:
    assert rule.explanation.endswith((".", "`)."))
    assert (
        rule.line[0].islower()
        or rule.line[0] in "`PTN"
        or rule.line.split()[0].isupper()
        or rule.line[0].isupper()
    )
    assert not rule.line.endswith(".")


def test_silenced_rules_keep_their_findings_and_reason() -> None:
    context = make_context(Env(pip="torch==2.11.0", driver="550.54.15"))
    report = run_checks(context, silence={"gpu/driver-too-old": "the driver is renewed next week"})
    assert "gpu/driver-too-old" not in {finding.rule for finding in report.findings}
    assert [(finding.rule, reason) for finding, reason in report.silenced] == [
        ("gpu/driver-too-old", "the driver is renewed next week")
    ]


def test_findings_are_the_same_whatever_the_order_of_pins() -> None:
    env = cases_gpu.CASES[0].fails
    context = make_context(env)
    assert run_checks(context) == run_checks(make_context(env))


def test_a_fix_is_named_only_when_it_was_tried() -> None:
    context = make_context(Env(conda=cases_channels.CASES[0].fails.conda))
    rule = RULES["channel/openssl"]
    assert [finding.fix for finding in iter_findings(context, [rule])] == [None]
    tried: list[tuple[str, ...]] = []

    def solves(proposal: object, of: Rule) -> str | None:
        tried.append(proposal.conda)  # type: ignore[attr-defined]
        return f"take openssl from conda-forge ({of.id})"

    [finding] = iter_findings(context, [rule], solves)
    assert tried == [("conda-forge::openssl",)]
    assert finding.fix == "take openssl from conda-forge (channel/openssl)"


@pytest.mark.shared
def test_embedded_records_are_the_channels_own(shared: Path) -> None:
    from tests.checks.known import Records

    records = Records(shared / "channels")
    for row in json.loads(RECORDS.read_text(encoding="utf-8"))["records"]:
        record = records.pin(row[0]).record
        assert [record.name, record.version, record.build, record.build_number] == row[1:5]
        assert [list(record.depends), list(record.constrains), record.noarch] == row[5:8]


@pytest.mark.parametrize(
    ("machine", "what"),
    [({"gpu": "A100"}, "A100"), ({"driver": "470.82.01"}, "NVIDIA driver"), ({"gpu": "MI300X"}, "MI300X")],
    ids=["a GPU", "a driver", "one of AMD"],
)
def test_a_mac_is_not_judged_by_a_machine_it_cannot_be(machine: dict[str, str], what: str) -> None:
    report = run_checks(make_context(Env(pip="torch==2.11.0", subdir="osx-arm64", **machine)))
    assert report.findings == ()
    (text,) = report.not_compared
    assert text.startswith("osx-arm64 has no such GPU")
    assert what in text
    assert run_checks(make_context(Env(pip="torch==2.11.0", **machine))).not_compared == ()
