"""Specifiers as bitsets over a project's releases."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.pypi_domain import PypiDomain, Release

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
    bits = found.bits(SpecifierSet(specifier))
    return sorted(r.version for n, r in enumerate(found.releases) if bits & (2 << n))


@settings(deadline=None, max_examples=500)
@given(
    st.lists(VERSIONS, min_size=1, max_size=14, unique_by=Version),
    st.lists(CLAUSES, min_size=1, max_size=3).map(",".join),
)
def test_bisection_agrees_with_packaging(versions: list[str], text: str) -> None:
    expected = sorted(SpecifierSet(text).filter(versions, prereleases=True))
    assert admitted(domain(versions, pre=True), text) == expected


@settings(deadline=None, max_examples=300)
@given(
    st.lists(VERSIONS, min_size=1, max_size=10, unique_by=Version),
    st.lists(CLAUSES, min_size=1, max_size=2).map(",".join),
)
def test_pre_releases_as_pep_440_says(versions: list[str], text: str) -> None:
    specifier = SpecifierSet(text)
    everything = sorted(specifier.filter(versions, prereleases=True))
    finals = [v for v in everything if not Version(v).is_prerelease]
    expected = everything if specifier.prereleases or not finals else finals
    assert admitted(domain(versions), text) == expected


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
