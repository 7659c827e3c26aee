"""Plain versions by their keys are what py-rattler makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.model.match_spec import version, version_spec_matches
from resolver.model.plain_versions import plain_key, plain_range
from tests.support.amount import examples

NUMBERS = st.sampled_from([0, 0, 1, 2, 9, 10, 255, 256, 65536, 10**17 - 1])
PLAIN = st.lists(NUMBERS, min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
BOUNDS = st.builds(
    "{}{}{}".format, st.sampled_from([">=", ">", "<", "<="]), PLAIN, st.sampled_from(["", "a0"])
)


@settings(deadline=None, max_examples=examples(300))
@given(PLAIN, PLAIN)
def test_keys_sort_as_versions_do(one: str, two: str) -> None:
    mine, theirs = plain_key(one), plain_key(two)
    assert mine is not None
    assert theirs is not None
    assert (mine < theirs, mine == theirs) == (version(one) < version(two), version(one) == version(two))


SPECS = (
    PLAIN
    | PLAIN.map("=={}".format)
    | PLAIN.map("{}.*".format)
    | BOUNDS
    | st.builds("{},{}".format, BOUNDS, BOUNDS)
)


@settings(deadline=None, max_examples=examples(1000))
@given(PLAIN, SPECS)
def test_ranges_admit_what_rattler_admits(text: str, spec: str) -> None:
    found, mine = plain_range(spec), plain_key(text)
    assert mine is not None
    if found is None:  # two lower bounds
        assert "," in spec
        return
    low, low_too, high, high_too = found
    admitted = low is None or mine > low or (low_too and mine == low)
    admitted = admitted and (high is None or mine < high or (high_too and mine == high))
    assert admitted == version_spec_matches(spec, text)


NOT_PLAIN = [
    "-1",
    "+1",
    "1.-1",
    " 1",
    "1 .2",
    "\u0661",
    "1.1.1.1.1.1.1.1",
    "",
    "1.",
    ".1",
    "1..2",
    "01",
    "1.02",
    "1.0a",
    "1.0rc1",
    "1!1",
    "1.0+1",
    "1_0",
    "1-0",
    "v1",
    "1 ",
    "1" * 19,
]


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_all_else_is_left_to_others(text: str) -> None:
    assert plain_key(text) is None
    assert [plain_range(spec) for spec in (text, f"=={text}", f"{text}.*", f">={text}", f"<2,>{text}")] == [
        None
    ] * 5


NO_RANGE = [
    "1.*.2",
    "=1.2.*",
    "*",
    ".*",
    ">=1,>=2",
    "<1,<2",
    ">1,<3,<4",
    "==1.*",
    "==>1",
    "==",
    "!=1",
]


@pytest.mark.parametrize("spec", NO_RANGE)
def test_what_is_no_sure_range(spec: str) -> None:
    assert plain_range(spec) is None
