"""Specifiers and requirements as installers tolerate them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.model.pep508 import AnyRequirement, parse_requirement
from resolver.model.specifiers import parse_specifier
from resolver.model.unusable import Unusable
from tests.support.amount import examples
from tests.support.tables import table

SPECIFIERS = [
    ("as the standard has it", ">=3.8,<4", ">=3.8,<4"),
    ("empty", "", ""),
    ("wildcard after an order", ">=3.6.*", ">=3.6"),
    ("wildcard after an order, among others", ">=2.7, !=3.0.*, >=3.4.*", ">=2.7,!=3.0.*,>=3.4"),
    ("wildcard after a compatible release", "~=3.6.*", "~=3.6.0"),
    ("trailing comma", ">=3.6,", ">=3.6"),
    ("doubled comma", ">=3.6,,<4", ">=3.6,<4"),
    ("missing comma, blank", ">=3.5 !=3.0.*", ">=3.5,!=3.0.*"),
    ("missing comma, nothing", ">=2.7!=3.0.*,!=3.1.*", ">=2.7,!=3.0.*,!=3.1.*"),
    ("missing dot", ">=2.7,!=3.0*,!=3.1*", ">=2.7,!=3.0.*,!=3.1.*"),
    ("not about", "!=~3.0", "!=3.0.*"),
    ("quoted version", ">= '2.7'", ">=2.7"),
    ("quoted whole", "'>=3.6'", ">=3.6"),
    ("greater than dev", ">dev", ">0.0.0.dev0"),
    ("zero after a pre-release", ">=9.0.0a1.0", ">=9.0.0a1"),
    ("wildcards doubled", "==3.*.*", "==3.*"),
    ("swapped", "=>3.6", ">=3.6"),
    ("single equals sign", "=3.6", "==3.6"),
    ("any", "*", ""),
]


@table("text, meant", SPECIFIERS)
def test_specifier_is_repaired(text: str, meant: str) -> None:
    assert parse_specifier(text) == SpecifierSet(meant)


@pytest.mark.parametrize("text", ["python3", ">=", "3.6", ">=3.x", "~=3", "<<3", ">=3.6 or <2"])
def test_hopeless_specifier_is_a_value_with_a_reason(text: str) -> None:
    found = parse_specifier(text)
    assert found == Unusable(f"`{text}` is no version specifier")


REQUIREMENTS = [
    ("as the standard has it", "requests[socks]>=2; python_version < '3.9'",
     "requests[socks]>=2; python_version < '3.9'"),
    ("parentheses of old metadata", "foo (>=1.0)", "foo>=1.0"),
    ("wildcard after an order", "requests>=2.*", "requests>=2"),
    ("wildcard in parentheses, marker", "numpy (>=1.7.*,) ; extra == 'fast'", "numpy>=1.7; extra == 'fast'"),
    ("missing comma", "six >=1.5 <2", "six>=1.5,<2"),
    ("any in parentheses", "six (*)", "six"),
    ("missing comma with extras", "a.b[x,y]>1!=1.5", "a.b[x,y]>1,!=1.5"),
    ("address", "foo @ https://example.org/foo-1.0.zip", "foo @ https://example.org/foo-1.0.zip"),
]  # fmt: skip


def parts(found: AnyRequirement | Unusable) -> tuple[object, ...]:
    """Return what a requirement says; ours and packaging's are compared by it."""
    if isinstance(found, Unusable):
        return (found,)
    return (found.name, set(found.extras), found.specifier, found.url, found.marker and str(found.marker))


@table("text, meant", REQUIREMENTS)
def test_requirement_is_repaired(text: str, meant: str) -> None:
    assert parts(parse_requirement(text)) == parts(Requirement(meant))


@pytest.mark.parametrize(
    "text", ["", "-e .", "foo >=", "foo; python > 3", "foo @", "[x]", "foo (1.0)", "foo[x-]", "foo[_x]>1"]
)
def test_hopeless_requirement_is_a_value_with_a_reason(text: str) -> None:
    assert parse_requirement(text) == Unusable(f"`{text}` is no requirement (PEP 508)")


NOISE = st.text(alphabet="<>=!~*.,;()[]'\"@ 0123abcdev-_\t\n\xa0\u0661", max_size=24)


@settings(deadline=None, max_examples=examples(500))
@given(NOISE)
def test_no_text_raises_and_valid_text_is_left_alone(text: str) -> None:
    found, requirement = parse_specifier(text), parse_requirement(text)
    try:
        assert found == SpecifierSet(text)
    except InvalidSpecifier:
        assert isinstance(found, (SpecifierSet, Unusable))
    try:
        assert parts(requirement) == parts(Requirement(text))
    except InvalidRequirement:
        assert isinstance(requirement, (Requirement, Unusable))  # nothing is plain that packaging refuses


def test_parsing_is_memoised() -> None:
    assert parse_specifier(">=3.7.*") is parse_specifier(">=3.7.*")
    assert parse_requirement("six>=1.*") is parse_requirement("six>=1.*")
