"""The forms of dependency strings in tables are what reading these strings gives."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resolver.model.match_spec import parse_match_spec
from resolver.model.plain_specs import form_of, read_form
from resolver.model.plain_versions import plain_range
from tests.support.amount import examples

NUMBERS = st.sampled_from(["0", "1", "2", "10", "256", str(10**16)])
VERSIONS = st.lists(NUMBERS, min_size=1, max_size=4).map(".".join)
SIGNS = st.sampled_from([">=", ">", "<", "<=", "==", "!="])
BOUNDS = st.builds("{}{}{}".format, SIGNS, VERSIONS, st.sampled_from(["", "a0", ".*"]))
SPECS = st.one_of(
    VERSIONS,
    VERSIONS.map("{}.*".format),
    BOUNDS,
    st.builds("{},{}".format, BOUNDS, BOUNDS),
    st.builds("{}|{}".format, VERSIONS, BOUNDS),
    st.sampled_from(["*", "2024a", "1.1.1a", ">=3.0rc1", "=1.2", "~=1.2", ">=", "bad version"]),
)
BUILDS = st.sampled_from(["*", "py310_0", "*_cpython", "h1_*", "^py.*$", "^(", "=x"])
NAMES = st.sampled_from(["python", "__glibc", "r-base", "Upper", "x_y.z"])
TEXTS = st.one_of(
    NAMES,
    st.builds("{} {}".format, NAMES, SPECS),
    st.builds("{} {} {}".format, NAMES, SPECS, BUILDS),
    st.builds("{}{}".format, NAMES, BOUNDS),
    st.builds("{}  {}".format, NAMES, SPECS),
    st.builds("defaults::{} {}".format, NAMES, SPECS),
    st.builds("{}[version='{}']".format, NAMES, SPECS),
)


@settings(deadline=None, max_examples=examples(600))
@given(TEXTS)
@example("python >=0")
@example("python 0")
@example("python <0,>0")
def test_a_form_says_what_the_text_does(text: str) -> None:
    form = form_of(text)
    if not form:
        return
    spec = parse_match_spec(text)
    version, build, keys = read_form(text, form)
    assert (text.partition(" ")[0], version, build) == (spec.name, spec.version, spec.build)
    assert keys == (None if version is None else plain_range(version))
    assert spec == parse_match_spec(spec.name).__class__(name=spec.name, version=version, build=build)


@pytest.mark.parametrize(
    "text",
    ["python", "python >=3.10,<3.11.0a0", "numpy * py27_0", "openssl 1.1.1a", "tk 8.6.* *_0", "x 1.0.*"],
)
def test_what_nearly_all_say_has_one(text: str) -> None:
    assert form_of(text)


@pytest.mark.parametrize(
    "text", ["", "Python", "python>=3", "python  >=3", "x::python", "python >=", "a 1 =0"]
)
def test_all_else_has_none(text: str) -> None:
    assert form_of(text) == b""
