"""Specifiers of numbers alone are what packaging reads of them, without its reading them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.constraints.pypi_domain import PinDomain, Release
from resolver.model.pep508 import clauses_of, names_pre_release, parse_requirement
from resolver.model.specifiers import is_numeric, numeric_clauses
from resolver.model.unusable import Unusable

_OPERATORS = ("<", ">", "<=", ">=", "==", "!=", "~=", "===", "=", "~", "=>", "")
_VERSIONS = (
    "1",
    "1.0",
    "2.0.0",
    "01.2",
    "1.*",
    "1.0.*",
    "1.0a1",
    "1.0.dev3",
    "1+local",
    "1..0",
    "",
    "*",
    "1.0 1",
)
_CLAUSES = st.tuples(
    st.sampled_from(_OPERATORS), st.sampled_from(("", " ", "  ")), st.sampled_from(_VERSIONS)
)
TEXTS = st.lists(_CLAUSES.map("".join), max_size=3).flatmap(
    lambda clauses: st.sampled_from((",", ", ", " ,", ",,")).map(lambda comma: comma.join(clauses))
)


@given(text=TEXTS, version=st.sampled_from(("1.0", "2", "1.0.1", "0.9")))
def test_numeric_specifiers_are_packagings(text: str, version: str) -> None:
    read = numeric_clauses(text)
    assert is_numeric(text) is (read is not None)
    try:
        whole = SpecifierSet(text)
    except InvalidSpecifier:
        assert read is None
        return
    pin = PinDomain("x", Release(version=version, pythons=2))
    assert pin.bits(text) == pin.bits(whole) == (2 if whole.contains(version, prereleases=True) else 0)
    if read is not None:
        assert sorted(map("".join, read)) == sorted(str(clause) for clause in whole)
        assert not whole.prereleases


@given(text=TEXTS)
def test_requirements_say_what_their_specifiers_do(text: str) -> None:
    found = parse_requirement(f"x {text}; python_version > '3'")
    if not isinstance(found, Unusable):
        assert sorted(clauses_of(found)) == sorted(str(clause) for clause in found.specifier)
        assert names_pre_release(found) is bool(found.specifier.prereleases)


@pytest.mark.parametrize("text", ["", ">=1.0", ">= 1.0, <2", "==1.*,!=1.3.*", "~=1.0"])
def test_what_is_numeric(text: str) -> None:
    assert is_numeric(text)


@pytest.mark.parametrize("text", ["~=1", ">=1.*", "===1", ">=1a1", "1", ">=1,", ">=  1", ">=1 <2"])
def test_what_is_not(text: str) -> None:
    assert not is_numeric(text)
