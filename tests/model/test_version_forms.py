"""The one form of a version is packaging's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_version
from packaging.version import Version

from resolver.model.version_forms import is_plain, one_form


@pytest.mark.parametrize(
    "text", ["1.0", "0", "0.0", "1.0.0", "10.0", "1.00", "01.0", "1.0rc1", "v1.0", "1!1.0", "x"]
)
def test_known_versions(text: str) -> None:
    assert one_form(text) == canonicalize_version(text)


@given(st.text(alphabet="0123.0.0av-+!", max_size=9))
def test_any_text(text: str) -> None:
    assert one_form(text) == canonicalize_version(text)


@given(st.text(alphabet="0123.0.0av-+!", max_size=9))
def test_a_plain_version_is_its_own_form(text: str) -> None:
    if is_plain(text):
        assert str(Version(text)) == text
