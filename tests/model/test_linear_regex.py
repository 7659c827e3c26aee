"""The linear matcher says what Python's own says, or refuses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model.linear_regex import linear_matcher

ATOMS = st.sampled_from(
    ["a", "b", "1", r"\.", ".", r"\d", r"\w", r"\S", "[ab]", "[^a]", "[0-9b-]", "[]a]", r"[\d.]"]
)
REPEATS = st.sampled_from(["", "", "*", "+", "?", "*?", "{2}", "{1,3}", "{,2}", "{2,}", "{,}"])
PATTERNS = st.recursive(
    st.tuples(ATOMS, REPEATS).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(st.sampled_from(["(", "(?:"]), inner, st.just(")"), REPEATS).map("".join),
        st.tuples(st.just("("), inner, st.just("|"), inner | st.just(""), st.just(")")).map("".join),
    ),
    max_leaves=8,
)


@given(
    pattern=st.tuples(st.sampled_from(["^", ""]), PATTERNS, st.sampled_from(["$", "", "|b$"])).map("".join),
    texts=st.lists(st.text("ab1.-]", max_size=8), min_size=1, max_size=5),
)
def test_same_as_pythons(pattern: str, texts: list[str]) -> None:
    matches, python = linear_matcher(pattern), re.compile(pattern)
    assert [matches(text) for text in texts] == [bool(python.match(text)) for text in texts]


def test_a_pattern_that_makes_others_go_back() -> None:
    assert not linear_matcher("^(a+)+$")("a" * 5_000 + "b")
    assert linear_matcher("^(a|a)*$")("a" * 5_000)


REFUSED = [
    ("^(?=a)$", "a group that begins with `(?`"),
    ("^(?P<x>a)$", "a group that begins with `(?`"),
    (r"^(a)\1$", r"`\1`"),
    (r"^\b$", r"`\b`"),
    ("^a" + "\\", "`\\`"),
    ("^a**$", "nothing to repeat"),
    ("^*$", "nothing to repeat"),
    ("^a*+$", "a possessive repetition"),
    ("^a{2000}$", "a repetition that is too large, or upside down"),
    ("^a{2,1}$", "a repetition that is too large, or upside down"),
    ("^((a{100}){100}){100}$", "a repetition that is too large"),
    ("^" + "(a|b)" * 600 + "$", "more than can be matched quickly"),
    ("^" + "(" * 60 + "a" + ")" * 60 + "$", "groups that stand too deep"),
    ("^(a$", "a `(` without its `)`"),
    ("^a)$", "a `)` without its `(`"),
    ("^[a$", "a `[` without its `]`"),
    ("^[b-a]$", "a range in `[]` that is none"),
    (r"^[\D]$", "a negated escape in `[]`"),
]


@pytest.mark.parametrize(("pattern", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        linear_matcher(pattern)
