"""Specifiers as bitsets over a project's releases."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.model.records import DistFile
from tests.support.amount import examples

NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
SUFFIX = st.sampled_from(["", "", "", "a1", "rc2", ".post1", ".dev0", "+local"])
VERSIONS = st.tuples(NUMBERS, SUFFIX).map("".join).map(lambda text: str(Version(text)))
PLAIN = st.tuples(
    st.sampled_from([">=", ">", "<", "<=", "==", "!="]), NUMBERS, st.sampled_from(["", "", "rc1", ".post1"])
)
CLAUSES = st.one_of(
    PLAIN.map("".join),
    st.tuples(st.sampled_from(["==", "!="]), NUMBERS).map(lambda pair: f"{pair[0]}{pair[1]}.*"),
    st.tuples(NUMBERS, st.integers(0, 3)).map(lambda pair: f"~={pair[0]}.{pair[1]}"),
    NUMBERS.map(lambda text: f"==={text}"),
)


def domain(versions: list[str], *, pre: bool = False, provided: tuple[str, ...] = ()) -> PypiDomain:
    newest = sorted(versions, key=Version, reverse=True)
    releases = [Release(version=v, pythons=2) for v in newest]
    releases += [Release(version=v, provided_by=((0, 2),)) for v in provided]
    return PypiDomain("x", releases, pre=pre)


def admitted(found: PypiDomain, specifier: str) -> list[str]:
    return versions_of(found, found.alone(SpecifierSet(specifier)))


def versions_of(found: PypiDomain, bits: int) -> list[str]:
    return sorted(r.version for n, r in enumerate(found.releases) if bits & (2 << n))


@settings(deadline=None, max_examples=examples(500))
@given(
    st.lists(VERSIONS, min_size=1, max_size=14, unique_by=Version),
    st.lists(CLAUSES, min_size=1, max_size=3).map(",".join),
)
def test_bisection_agrees_with_packaging(versions: list[str], text: str) -> None:
    expected = sorted(SpecifierSet(text).filter(versions, prereleases=True))
    assert admitted(domain(versions, pre=True), text) == expected


@settings(deadline=None, max_examples=examples(300))
@given(
    st.lists(VERSIONS, min_size=1, max_size=10, unique_by=Version),
    st.lists(CLAUSES, min_size=1, max_size=2).map(",".join),
)
def test_pre_releases_as_pep_440_says(versions: list[str], text: str) -> None:
    specifier = SpecifierSet(text)
    everything = sorted(specifier.filter(versions, prereleases=True))
    finals = [v for v in everything if not Version(v).is_prerelease]
    expected = everything if specifier.prereleases or not finals else finals
    found = domain(versions)
    assert admitted(found, text) == expected
    assert versions_of(found, found.bits(specifier)) == everything
    finals = [v for v in versions if not Version(v).is_prerelease]
    assert versions_of(found, found.finals) == sorted(finals)


def test_order_finals_then_pre_releases_then_what_conda_provides() -> None:
    found = domain(["2.0rc1", "1.0", "1.5"], provided=("9.0", "1.2"))
    assert [r.version for r in found.releases] == ["1.5", "1.0", "2.0rc1", "9.0", "1.2"]
    assert admitted(found, ">=1.2") == ["1.2", "1.5", "9.0"]
    assert found.levels() == [1, 3, 4, 0, 2]
    assert found.provided == 0b110000


def test_a_pin_of_before_is_tried_first_and_ranks_best() -> None:
    releases = [Release(version=v, pythons=2) for v in ("3.0", "2.0", "1.0")]
    found = PypiDomain("x", releases, preferred="2.0")
    assert [r.version for r in found.releases] == ["2.0", "3.0", "1.0"]
    assert found.levels() == [-1, 0, 2]
    assert admitted(found, ">=2") == ["2.0", "3.0"]


def dist(version: str, *, wheel: bool) -> DistFile:
    name = f"x-{version}-py3-none-any.whl" if wheel else f"x-{version}.tar.gz"
    return DistFile(
        file_name=name, url=f"https://i.example.org/{name}", version=version, is_wheel=wheel, hashes={},
    )  # fmt: skip


WHEELS_FIRST: list[tuple[str, str | None, list[str], list[int]]] = [
    ("4s 3w 2s 1w", None, ["3", "1", "4", "2"], [0, 1, 2, 3]),
    ("4w 3s 2w", None, ["4", "2", "3"], [0, 1, 2]),
    ("3s 2s", None, ["3", "2"], [0, 1]),
    ("4a1w 3s 2a1s 1w", None, ["1", "3", "4a1", "2a1"], [0, 1, 2, 3]),
    ("3w 2s 1w", "2", ["2", "3", "1"], [-1, 0, 1]),
]


@pytest.mark.parametrize(
    ("text", "preferred", "order", "levels"), WHEELS_FIRST, ids=[row[0] for row in WHEELS_FIRST]
)
def test_wheels_first(text: str, preferred: str | None, order: list[str], levels: list[int]) -> None:
    releases = [
        Release(version=word[:-1], pythons=2, files=(dist(word[:-1], wheel=word[-1] == "w"),))
        for word in text.split()
    ]
    found = PypiDomain("x", releases, preferred=preferred, wheels_first=True)
    assert [r.version for r in found.releases] == order
    assert found.levels() == levels
    assert admitted(found, ">=2,<4") == sorted(v for v in order if 2 <= Version(v).major < 4 and "a" not in v)
