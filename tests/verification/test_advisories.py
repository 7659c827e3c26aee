"""Advisories in OSV's form beside locked versions: a table of ranges, and the form's algorithm as a judge."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from lockfiles.verification.advisories import match_advisories, parse_advisories
from lockfiles.verification.packages import conda_packages, pypi_packages
from resolver.errors import InputError
from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName
from resolver.model.records import CondaRecord
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target


def conda(name: str, version: str) -> CondaPin:
    record = CondaRecord(name, version, "0", 0, f"{name}-{version}-0.conda")
    channel = Channel(name="c", base_url="https://c.example")
    return CondaPin(record=record, channel=channel, subdir="linux-64", url=f"https://c.example/{name}")


def pypi(name: str, version: str) -> PypiPin:
    return PypiPin(name=PypiName(name), version=version, file=None)


def resolution(*pins: CondaPin | PypiPin, **provided: tuple[str, str]) -> Resolution:
    return Resolution(
        target=Target(subdir="linux-64"),
        python="3.12.1",
        conda=tuple(pin for pin in pins if isinstance(pin, CondaPin)),
        pypi=tuple(pin for pin in pins if isinstance(pin, PypiPin)),
        provided={PypiName(key): (CondaName(name), version) for key, (name, version) in provided.items()},
    )


def advisory(name: str, *events: dict[str, str], ecosystem: str = "PyPI", **more: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}] if events else [],
        "versions": more.pop("versions", []),
    }
    return {"id": "X-1", "summary": "it leaks", "affected": [affected], **more}


def found(data: object, one: Resolution) -> list[tuple[str, str, str]]:
    advisories = parse_advisories(json.dumps(data).encode(), "osv.json")
    findings = match_advisories(advisories, conda_packages([one]), pypi_packages([one]), [one])
    return [(finding.manager, finding.name, finding.version) for finding in findings]


ZERO = {"introduced": "0"}
CASES = [
    pytest.param("1.0", (ZERO,), [], True, id="every version"),
    pytest.param("1.0", (ZERO, {"fixed": "1.1"}), [], True, id="before the fix"),
    pytest.param("1.1", (ZERO, {"fixed": "1.1"}), [], False, id="the fixed one"),
    pytest.param("1.1rc1", (ZERO, {"fixed": "1.1"}), [], True, id="a pre-release of it"),
    pytest.param("1.2", (ZERO, {"last_affected": "1.2"}), [], True, id="the last one"),
    pytest.param("1.3", (ZERO, {"last_affected": "1.2"}), [], False, id="behind the last one"),
    pytest.param("1.5", ({"introduced": "2"}, {"fixed": "3"}), [], False, id="before it came in"),
    pytest.param(
        "2.5", (ZERO, {"fixed": "1"}, {"introduced": "2"}, {"fixed": "3"}), [], True, id="two ranges"
    ),
    pytest.param(
        "1.5", (ZERO, {"fixed": "1"}, {"introduced": "2"}, {"fixed": "3"}), [], False, id="between them"
    ),
    pytest.param("2.5", ({"fixed": "3"}, {"introduced": "2"}), [], True, id="in any order"),
    pytest.param("1.0", (), ["1.0.0"], True, id="listed, in another spelling"),
    pytest.param("1.0", (), ["1.1"], False, id="another one is listed"),
    pytest.param("1.0", ({"introduced": "x"},), [], True, id="what is no version stands before all"),
]


@pytest.mark.parametrize(("version", "events", "versions", "is_hit"), CASES)
def test_ranges(version: str, events: tuple[dict[str, str], ...], versions: list[str], is_hit: bool) -> None:
    data = advisory("Some.Project", *events, versions=versions)
    assert bool(found(data, resolution(pypi("some-project", version)))) is is_hit


NUMBERS = st.integers(0, 9).map(lambda number: f"1.{number}")


@given(
    version=NUMBERS,
    events=st.lists(st.tuples(st.sampled_from(["introduced", "fixed"]), NUMBERS), unique_by=lambda e: e[1]),
)
def test_the_form_s_own_algorithm_agrees(version: str, events: list[tuple[str, str]]) -> None:
    expected = False
    for kind, text in sorted(events, key=lambda event: Version(event[1])):
        if kind == "introduced" and Version(version) >= Version(text):
            expected = True
        elif kind == "fixed" and Version(version) >= Version(text):
            expected = False
    data = advisory("p", *({kind: text} for kind, text in events))
    assert bool(found(data, resolution(pypi("p", version)))) is expected


def test_whose_package_is_meant() -> None:
    one = resolution(
        pypi("numpy", "1.0"), conda("numpy", "1.0"), conda("pytorch", "2.0"), torch=("pytorch", "2.0")
    )
    assert found(advisory("numpy", ZERO), one) == [("pip", "numpy", "1.0")]
    assert found(advisory("numpy", ZERO, ecosystem="conda-forge"), one) == [("conda", "numpy", "1.0")]
    assert found(advisory("torch", ZERO), one) == [("conda", "pytorch", "2.0")]
    assert found(advisory("numpy", ZERO, ecosystem="npm"), one) == []


def test_what_is_said() -> None:
    data = advisory("p", ZERO, {"fixed": "2"}, aliases=["CVE-1"])
    one = resolution(pypi("p", "1.0"))
    (finding,) = match_advisories(
        parse_advisories(json.dumps(data).encode(), "f"), (), pypi_packages([one]), [one]
    )
    assert str(finding) == "p 1.0 (pip): X-1 (CVE-1): it leaks; fixed in 2"
    assert finding.fixed == ("2",)


ONE = advisory("p", ZERO)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(ONE), id="one"),
        pytest.param(json.dumps([ONE]), id="a list"),
        pytest.param(json.dumps({"vulns": [ONE]}), id="an answer of the service"),
        pytest.param(
            f"{json.dumps(ONE)}\n{json.dumps({**ONE, 'withdrawn': '2026-01-01'})}\n", id="one a line"
        ),
        pytest.param(json.dumps(ONE, indent=2), id="over several lines"),
    ],
)
def test_forms_of_a_file(text: str) -> None:
    assert [found.id for found in parse_advisories(text.encode(), "f")] == ["X-1"]


@pytest.mark.parametrize("text", ["", "nothing", "{}", '{"id": 3}', "[1]", '{"id": "a"}\nx', "\xff"])
def test_files_that_hold_none(text: str) -> None:
    with pytest.raises(InputError, match="holds no OSV advisories"):
        parse_advisories(text.encode("latin-1"), "osv.json")
