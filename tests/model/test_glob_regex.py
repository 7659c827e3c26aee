"""Path patterns: they fit the same paths as before, and no name makes them take long."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from lockfiles.fleet import ignoring
from lockfiles.identity.docker.ignore_file import PatternError, is_excluded
from lockfiles.identity.docker.ignore_file import parse_patterns as sdk_patterns
from resolver.errors import InputError
from resolver.inputs.workspace import _fit
from resolver.model.glob_regex import LONGEST, without_going_back
from tests.support.amount import examples

PARTS = ("*", "*", "**", "/", "a", "b", "?", "[ab]", "[!a]", "[/]", "\\*", "\\[", ".", "(")
BOMBS = (
    "*a" * 40, "**/a/" * 30 + "b", "[" * 4000, "*" * 4000, "?" * 3000, "a*" * 1000, "**/" * 1000,
    "*a/**/" * 20 + "x", "*[!b]" * 40, "*[!/b]?" * 40,
)  # fmt: skip


@settings(max_examples=examples(500))
@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=9).map("".join),
    st.lists(st.text("aab/(.*[", min_size=1, max_size=12), min_size=1, max_size=5),
)
def test_an_expression_fits_the_same_paths(pattern: str, paths: list[str]) -> None:
    try:
        expression, _ = GitIgnoreSpecPattern.pattern_to_regex(pattern)
    except ValueError:
        return
    if expression is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        before, after = re.compile(expression), re.compile(without_going_back(expression))
    for path in paths:
        assert bool(before.match(path)) == bool(after.match(path)), (pattern, path)


@pytest.mark.parametrize("pattern", BOMBS, ids=lambda pattern: pattern[:8])
@pytest.mark.parametrize(
    "path", ["a" * 250 + "b", "a/" * 100 + "c", "ab" * 125 + "/b"], ids=["a", "a/", "ab"]
)
def test_no_name_makes_a_pattern_take_long(pattern: str, path: str) -> None:
    """Matched in the power of its stars, each of these takes years."""
    ignoring.parse_patterns([pattern], ".gitignore").match_file(path)
    if "[!b]" not in pattern:  # the SDK's own expression fits slashes there
        is_excluded(path, sdk_patterns([pattern]))
    _fit(path.split("/"), pattern.rstrip("/").split("/"))


def test_a_pattern_longer_than_any_path() -> None:
    with pytest.raises(InputError, match="more than 4096 characters"):
        ignoring.parse_patterns(["a" * (LONGEST + 1)], "--exclude")
    with pytest.raises(PatternError):
        sdk_patterns(["[" * 200_000])


def test_a_class_fits_no_slash_in_git() -> None:
    spec = ignoring.parse_patterns(["/a[!x]b"], ".gitignore")
    assert spec.match_file("acb")
    assert not spec.match_file("a/b")
