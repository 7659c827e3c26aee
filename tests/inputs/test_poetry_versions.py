"""Poetry's notation against the ranges that its documentation gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from resolver.inputs.pyproject.poetry_versions import poetry_specifier, python_marker

SPECIFIERS = [
    ("^1.2.3", ">=1.2.3,<2.0"),
    ("^1.2", ">=1.2,<2.0"),
    ("^1", ">=1,<2.0"),
    ("^0.2.3", ">=0.2.3,<0.3"),
    ("^0.0.3", ">=0.0.3,<0.0.4"),
    ("^0.0", ">=0.0,<0.1"),
    ("^0", ">=0,<1.0"),
    ("^2022.1", ">=2022.1,<2023.0"),
    ("^1!2.3", ">=1!2.3,<1!3.0"),
    ("^2.0b1", ">=2.0b1,<3.0"),
    ("~1.2.3", ">=1.2.3,<1.3"),
    ("~1.2", ">=1.2,<1.3"),
    ("~1", ">=1,<2.0"),
    ("~=1.4.2", "~=1.4.2"),
    ("*", ""),
    ("", ""),
    ("1.2.3", "==1.2.3"),
    ("=1.2.3", "==1.2.3"),
    ("==1.2.3", "==1.2.3"),
    ("1.2.*", "==1.2.*"),
    ("1.*.*", "==1.*"),
    ("1.x", "==1.*"),
    (">= 1.2, < 1.5", ">=1.2,<1.5"),
    (">=1.2 <1.5", ">=1.2,<1.5"),
    ("!=1.2.*", "!=1.2.*"),
    ("^1.2,!=1.3.0", ">=1.2,<2.0,!=1.3.0"),
]


@pytest.mark.parametrize(("text", "expected"), SPECIFIERS, ids=[text or "empty" for text, _ in SPECIFIERS])
def test_notation(text: str, expected: str) -> None:
    assert SpecifierSet(poetry_specifier(text)) == SpecifierSet(expected)


@pytest.mark.parametrize("text", ["^1.2 || ^2.0", "^x", "latest", ">=", "^1.2;", "~"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Poetry's notation|alternatives"):
        poetry_specifier(text)


releases = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda ns: ".".join(map(str, ns)))


@given(releases)
def test_a_caret_and_a_tilde_allow_what_they_name_and_a_tilde_no_more_than_a_caret(version: str) -> None:
    caret, tilde = (
        SpecifierSet(poetry_specifier(f"^{version}")),
        SpecifierSet(poetry_specifier(f"~{version}")),
    )
    assert version in caret
    assert version in tilde
    if not version.startswith("0"):
        for other in (f"{version}.1", f"{version}.99"):
            assert other not in tilde or other in caret


MARKERS = [
    ("^3.8", "3.8.1", True),
    ("^3.8", "3.7.9", False),
    ("~3.9", "3.10.0", False),
    ("<3.11", "3.11.0", False),
    ("<3.11", "3.10.20", True),
    ("<=3.10", "3.10.2", False),
    (">3.10", "3.10.2", True),
    (">=3.8.1", "3.8.0", False),
    ("2.7.* || >=3.6", "3.6.1", True),
    ("2.7.* || >=3.6", "3.5.1", False),
    ("3.9.*", "3.9.4", True),
]


@pytest.mark.parametrize(("text", "python", "holds"), MARKERS)
def test_a_python_range_becomes_a_marker(text: str, python: str, holds: bool) -> None:
    environment = {"python_version": ".".join(python.split(".")[:2]), "python_full_version": python}
    assert Marker(python_marker(text)).evaluate(environment) is holds


def test_any_python_is_no_marker() -> None:
    assert python_marker("*") == ""
