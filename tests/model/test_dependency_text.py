"""Dependency strings taken apart as text name what the parsed match spec names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model.dependency_text import dependency_name, dependency_names, split_dependency
from resolver.model.match_spec import parse_match_spec

CASES = [
    pytest.param("python", "python", "", id="a name alone"),
    pytest.param("python >=3.11,<3.12.0a0", "python", ">=3.11,<3.12.0a0", id="a version"),
    pytest.param("libblas 3.9.0 20_linux64_mkl", "libblas", "3.9.0 20_linux64_mkl", id="a build"),
    pytest.param("libgcc-ng >=12", "libgcc-ng", ">=12", id="a dash in the name"),
    pytest.param("python>=3.8", "python", ">=3.8", id="no blank before the operator"),
    pytest.param("python=3.8", "python", "=3.8", id="one equals sign"),
    pytest.param("ruamel.yaml!=0.17", "ruamel.yaml", "!=0.17", id="a dot in the name, no blank"),
    pytest.param("numpy[version='>=1.2',build=x]", "numpy", "[version='>=1.2',build=x]", id="brackets"),
    pytest.param("conda-forge::numpy >=1.2", "numpy", ">=1.2", id="a channel is no part of the name"),
    pytest.param("numpy[channel='a::b']", "numpy", "[channel='a::b']", id="two colons within brackets"),
    pytest.param("__glibc >=2.17", "__glibc", ">=2.17", id="a virtual package"),
    pytest.param("NumPy >=1", "numpy", ">=1", id="capitals"),
    pytest.param("  numpy   >=1 ", "numpy", ">=1", id="blanks around"),
]


@pytest.mark.parametrize(("text", "name", "rest"), CASES)
def test_a_dependency_is_split_behind_its_name(text: str, name: str, rest: str) -> None:
    assert split_dependency(text) == (name, rest)
    assert dependency_name(text) == name


NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,6}([.\-][a-z0-9_]{1,4})?", fullmatch=True)
VERSIONS = st.from_regex(r"(>=|<=|<|>|==|!=|=)[0-9]{1,2}(\.[0-9]{1,2}){0,2}", fullmatch=True)


@given(
    name=NAMES,
    channel=st.sampled_from(["", "conda-forge::", "pkgs/main::"]),
    blank=st.sampled_from(["", " "]),
    version=st.one_of(st.just(""), VERSIONS),
)
def test_the_name_is_that_of_the_match_spec(name: str, channel: str, blank: str, version: str) -> None:
    text = f"{channel}{name}{blank if version else ''}{version}"
    assert dependency_name(text) == split_dependency(text)[0] == parse_match_spec(text).name


@given(st.lists(st.sampled_from([case.values[0] for case in CASES]), max_size=8))
def test_the_names_of_many_are_those_of_each(texts: list[str]) -> None:
    assert list(dependency_names(iter(texts))) == list(dict.fromkeys(map(dependency_name, texts)))
