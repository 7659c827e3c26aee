"""Shortcuts that keep text from being parsed say the same as the parsers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.version import Version

from resolver.constraints.pypi_side import _may_hold
from resolver.model.names import pypi_name
from resolver.model.version_forms import is_pre_release
from tests.support.amount import examples

VERSIONS = st.from_regex(
    r"\A([1-9]!)?[0-9]{1,3}(\.[0-9]{1,2}){0,3}((a|b|rc)[0-9])?(\.post[0-9])?(\.dev[0-9])?(\+([a-z0-9]{1,4}|[0-9](a|b|rc|\.dev)[0-9])(\.[a-z0-9]{1,3})?)?\Z"
)


@settings(deadline=None, max_examples=examples(500))
@given(VERSIONS)
def test_pattern_knows_pre_releases(text: str) -> None:
    version = Version(text)
    assert is_pre_release(str(version)) is version.is_prerelease


NAMES = ("test", "dev-tools", "Dev_Tools", "all")
ATOMS = st.sampled_from(
    [
        *(f'extra == "{name}"' for name in NAMES),
        *(f"'{name}' == extra" for name in NAMES),
        'extra != "test"',
        "extra=='test'",
        '"te" in extra',
        'python_version >= "3.8"',
        'python_version < "3"',
        'sys_platform == "linux"',
    ]
)
MARKERS = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({' '.join(t)})"),
    max_leaves=4,
)


@settings(deadline=None, max_examples=examples(500))
@given(MARKERS, st.sampled_from(["", *NAMES]))
def test_what_is_left_unparsed_holds_nowhere(marker: str, extra: str) -> None:
    extra = pypi_name(extra)
    text = f"foo >=1; {marker}"
    parsed = Requirement(text).marker
    assert parsed is not None
    environment = {str(key): str(value) for key, value in default_environment().items()}
    added = parsed.evaluate({**environment, "extra": extra})
    if extra:
        added = added and not parsed.evaluate({**environment, "extra": ""})
    assert _may_hold(text, extra) or not added


def test_extras_nobody_asks_for_are_left_unparsed() -> None:
    assert not _may_hold('foo; extra == "test"', "")
    assert not _may_hold('foo; python_version < "4" and extra == "test"', "docs")
    assert _may_hold('foo; extra == "Dev_Tools"', "dev-tools")
    assert _may_hold("foo>=1", "")
