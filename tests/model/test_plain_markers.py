"""Markers that are judged without packaging are judged as packaging does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker

from resolver.model.pep508 import PlainRequirement, parse_marker, parse_requirement
from resolver.model.plain_markers import plain_marker
from resolver.model.unusable import Unusable
from tests.support.amount import examples
from tests.support.tables import table

VERSIONS = ("python_version", "python_full_version", "implementation_version")
WORDS = (
    "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_system",
    "implementation_name",
)  # fmt: skip
NUMBERS = st.sampled_from(["3", "3.0", "3.8", "3.10", "3.10.0", "3.10.2", "3.11", "4", "03.9", "0", "2.7.18"])
TEXTS = st.sampled_from(
    ["linux", "Linux", "win32", "x86_64", "CPython", "posix", "arm64", "1.0", "v1", "dev"]
)
EXTRAS = st.sampled_from(["", "test", "all", "A_b.c", "a-b-c", "socks-"])
BLANKS = st.sampled_from(["", " ", "  "])
QUOTES = st.sampled_from(["'", '"'])
SIGNS = ("==", "!=", "<", "<=", ">", ">=")
OTHERS = (
    "python_version ~= '3.8'", "python_version == '3.*'", "python_version in '3.8 3.9'",
    "'linux' in sys_platform", "sys_platform not in 'win32'", "python_version > '3.9rc1'",
    "platform_release >= '5'", "os.name == 'nt'", "sys_platform > 'linux'",
)  # fmt: skip


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["version", "word", "extra", "reversed", "other"]))
    quote, left, right = draw(QUOTES), draw(BLANKS), draw(BLANKS)
    sign = draw(st.sampled_from(SIGNS))
    if kind == "version":
        return f"{draw(st.sampled_from(VERSIONS))}{left}{sign}{right}{quote}{draw(NUMBERS)}{quote}"
    if kind == "word":
        word, sign = draw(st.sampled_from(WORDS)), draw(st.sampled_from(SIGNS[:2]))
        return f"{word}{left}{sign}{right}{quote}{draw(TEXTS)}{quote}"
    if kind == "extra":
        return f"extra{left}{draw(st.sampled_from(SIGNS[:2]))}{right}{quote}{draw(EXTRAS)}{quote}"
    if kind == "reversed":
        return f"{quote}{draw(NUMBERS)}{quote} {sign} {draw(st.sampled_from(VERSIONS))}"
    return draw(st.sampled_from(OTHERS))


MARKERS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or ", "  or "]), inner).map("".join),
        st.tuples(st.just("("), BLANKS, inner, BLANKS, st.just(")")).map("".join),
    ),
    max_leaves=6,
)
ENVIRONMENTS = st.fixed_dictionaries(
    {
        "python_version": st.sampled_from(["3.8", "3.10", "3.11", "4.0"]),
        "python_full_version": st.sampled_from(["3.8.1", "3.10.0", "3.11.0rc1", "3.12.0a1", "3.10.2+local"]),
        "implementation_version": st.sampled_from(["3.8.1", "3.10.0", "3.11.0rc1"]),
        "extra": EXTRAS,
        **dict.fromkeys(WORDS, TEXTS),
        "platform_release": st.just("5.10"),
        "platform_version": st.just("1"),
    }
)


@settings(deadline=None, max_examples=examples(600, part=1))
@given(MARKERS, ENVIRONMENTS)
def test_a_marker_is_judged_as_packaging_judges_it(text: str, environment: dict[str, str]) -> None:
    plain = plain_marker(text)
    if plain is not None:
        theirs = Marker(text)
        assert str(plain) == str(theirs)
        assert plain.evaluate(environment) is theirs.evaluate(dict(environment))


@settings(deadline=None, max_examples=examples(600))
@given(
    MARKERS,
    st.integers(min_value=0),
    st.sampled_from(["", "(", ")", " ", "'", '"', "and", "or", "x", "=", "3"]),
)
def test_a_broken_marker_is_none(text: str, at: int, piece: str) -> None:
    at %= len(text) + 1
    touched = text[:at] + piece + text[at + (not piece) :]
    plain = plain_marker(touched)
    assert plain is None or str(plain) == str(Marker(touched))  # which raises for what is no marker


@table(
    "text",
    [
        ("a version", "python_version < '3.8'"),
        ("a platform", 'sys_platform == "win32"'),
        ("an extra", "extra == 'test'"),
        (
            "brackets",
            '(os_name != "nt" and (sys_platform != "win32" or python_version < "3.13")) and extra == "a"',
        ),
        ("no blanks", "python_full_version>='3.10.2'or(os_name=='nt')"),
    ],
)
def test_the_common_forms_are_plain(text: str) -> None:
    assert plain_marker(text) is not None
    assert isinstance(parse_requirement(f"name>=1; {text}"), PlainRequirement)


@table(
    "text",
    [
        ("nothing", ""),
        ("a word alone", "python_version"),
        ("no text", "python_version < 3"),
        ("quotes of two kinds", "os_name == 'nt\""),
        ("a bracket too few", "(os_name == 'nt'"),
        ("a bracket too many", "os_name == 'nt')"),
        ("a word too many", "os_name == 'nt' and"),
        ("no word between", "os_name == 'nt' os_name == 'nt'"),
        ("a variable that isn't there", "name == 'nt'"),
        ("only brackets", "(" * 300),
        ("too long", " or ".join(["os_name == 'nt'"] * 30)),
    ],
)
def test_anything_else_is_left_to_packaging(text: str) -> None:
    assert plain_marker(text) is None


def test_a_marker_that_cannot_be_judged_stays_unusable() -> None:
    assert isinstance(parse_marker("os_name ~= 'nt'"), Unusable)
    assert isinstance(parse_requirement("a ; os_name ~= 'nt'"), Unusable)
