"""Regular expressions and stars inside versions: conda's grammar where py-rattler's ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model.match_spec import parse_match_spec, version_spec_matches
from resolver.model.version_grammar import glob_matcher
from tests.support.records import conda_record

VERSIONS = ("1.7.1", "1.7", "1.10.3", "0.3", "2.0", "2021.05.30", "1.2.3+4.5")
MEANT = [
    (r"^1\.7\.[0-9]+$", {"1.7.1"}),
    (r"^1\.(7|10)(\..*)?$", {"1.7.1", "1.7", "1.10.3"}),
    ("^$", set()),
    ("^.*$", set(VERSIONS)),
    (r"^2021\.05.*$", {"2021.05.30"}),
    ("1.*.3", {"1.10.3"}),
    ("1.*1", {"1.7.1"}),
    ("*.3", {"1.10.3", "0.3"}),
    ("1.*.3*", {"1.10.3", "1.2.3+4.5"}),
    ("1.2*+4*", {"1.2.3+4.5"}),
    ("1.7.*|^0.*$", {"1.7.1", "1.7", "0.3"}),
    (r"1.*.1|>=2,<2021|^0\.3$", {"1.7.1", "2.0", "0.3"}),
    (r"(^1.*$|2.0),!=1.7", {"1.7.1", "1.10.3", "1.2.3+4.5", "2.0"}),
    ("^[0-9,|]+[.]7$ , >1", {"1.7"}),
]


@pytest.mark.parametrize(("spec", "meant"), MEANT, ids=[spec for spec, _ in MEANT])
def test_what_is_meant(spec: str, meant: set[str]) -> None:
    assert {text for text in VERSIONS if version_spec_matches(spec, text)} == meant


BAD = [
    ("^1.7", "a regular expression begins with `^` and ends with `$`"),
    ("1.7$", "a regular expression begins with `^` and ends with `$`"),
    ("!=1.*.3", "`!=` doesn't go with a `*` inside the version"),
    (">=1.*.3", "`>=` doesn't go with a `*` inside the version"),
    ("^1$|", "is not a version spec"),
    ("(^1$", "is not a version spec"),
    ("^1$)", "is not a version spec"),
    ("^1$,,2", "is not a version spec"),
    ("(" * 60 + "^1$" + ")" * 60, "is not a version spec"),
    ("1.*.é", "is not a version spec"),
    ("^(?!1)$", "a group that begins with `(?`"),
]


@pytest.mark.parametrize(("spec", "why"), BAD, ids=[spec[:20] for spec, _ in BAD])
def test_what_is_refused(spec: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        version_spec_matches(spec, "1.0")
    with pytest.raises(ValueError, match=re.escape(why)):
        parse_match_spec(f"tool {spec.replace(' ', '')}")


SPECS = [
    ("tool 1.*.3", ("tool", "1.*.3", None)),
    ("tool=1.*.3", ("tool", "1.*.3*", None)),
    ("tool==1.*.3", ("tool", "1.*.3", None)),
    ("tool=1.*.3=py3*", ("tool", "1.*.3", "py3*")),
    ("Tool 1.*.3 py3*", ("tool", "1.*.3", "py3*")),
    ("forge::tool 1.*.3", ("tool", "1.*.3", None)),
    (r"tool ^1\.[0-9]$", ("tool", r"^1\.[0-9]$", None)),
    (r"tool ^1\.[0-9]$ py3*", ("tool", r"^1\.[0-9]$", "py3*")),
    (r"tool[version='^1\.[0-9]$']", ("tool", r"^1\.[0-9]$", None)),
    ('tool[build=py3*, version="1.*.3|>2"]', ("tool", "1.*.3|>2", "py3*")),
    ("tool[version='1.*.3',build_number='>2']", ("tool", "1.*.3", None)),
    ("tool *.7.*,>=1", ("tool", "*.7.*,>=1", None)),
    ("forge::tool *.7.*|==3 py3*", ("tool", "*.7.*|==3", "py3*")),
    ("tool 1.*.3,!=1.7.3=py3*", ("tool", "1.*.3,!=1.7.3", "py3*")),
]


@pytest.mark.parametrize(("text", "expected"), SPECS, ids=[text for text, _ in SPECS])
def test_match_specs(text: str, expected: tuple[str, str, str | None]) -> None:
    spec = parse_match_spec(text)
    assert (str(spec.name), spec.version, spec.build) == expected
    assert spec.channel == ("forge" if "::" in text else None)
    assert spec.build_number == (">2" if "build_number" in text else None)


def test_a_build_may_be_a_regular_expression() -> None:
    spec = parse_match_spec("tool * ^py3(10|11)_.*$")
    builds = ("py310_0", "py311_cuda", "py39_0")
    assert [spec.matches(conda_record("tool", "1.0", build)) for build in builds] == [True, True, False]
    with pytest.raises(ValueError, match="a group that begins"):
        parse_match_spec("tool * ^(?=py).*$")


@given(pattern=st.text("ab*", max_size=8), text=st.text("ab", max_size=12))
def test_globs(pattern: str, text: str) -> None:
    python = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    assert glob_matcher(pattern)(text) is bool(python.fullmatch(text))


@pytest.mark.parametrize(("pattern", "text"), [("1.1*1.1", "1.1"), ("1.*1*1", "1.21"), ("1*.2*.2", "1.2")])
def test_no_part_of_a_text_counts_twice(pattern: str, text: str) -> None:
    assert not glob_matcher(pattern)(text)
