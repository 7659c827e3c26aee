"""A page's rows, judged by form, give the releases that its files give one by one."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.constraints.pypi_files import FileJudge
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.pypi_rows import RowsDomain
from resolver.constraints.python_view import PythonView
from resolver.metadata.page_rows import decode_rows, encode_rows
from resolver.metadata.simple_index import sort_files
from resolver.metadata.wheel_tags import WheelTags
from resolver.model.names import PypiName
from resolver.model.records import DistFile, ProjectPage
from resolver.model.target import Target, VirtualPackage
from tests.support.records import conda_record

X = PypiName("x")
TARGET = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__glibc", version="2.28"),))
PYTHONS = CondaDomain(
    "python", tuple((conda_record("python", v), None) for v in ("3.12.1", "3.11.2", "3.9.0"))
)  # type: ignore[misc]
VIEW = PythonView(PYTHONS, 1, TARGET.marker_environment())
VERSIONS = ("1.0", "1.0.0", "1.1", "2.0rc1", "2.0", "3.0.dev1")
TAGS = (
    "py3-none-any", "cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64",
    "cp39-cp39-manylinux_2_17_x86_64", "cp311-cp311-win_amd64", "cp36-none-any",
)  # fmt: skip
REQUIRED = (None, ">=3.11", "<3.10", ">=4")


@st.composite
def file_lists(draw: st.DrawFn, version: str) -> list[DistFile]:
    names = [f"x-{version}-{tags}.whl" for tags in sorted(draw(st.sets(st.sampled_from(TAGS), max_size=4)))]
    names += [f"x-{version}.tar.gz"] if draw(st.booleans()) or not names else []
    return [
        DistFile(
            name,
            version,
            name.endswith(".whl"),
            f"https://example.org/{name}",
            {},
            requires_python=draw(st.sampled_from(REQUIRED)),
            yanked=draw(st.sampled_from((None, None, ""))),
        )
        for name in names
    ]


@st.composite
def pages(draw: st.DrawFn) -> ProjectPage:
    versions = draw(st.lists(st.sampled_from(VERSIONS), min_size=1, max_size=4, unique_by=Version))
    keyed = [(Version(version), file) for version in versions for file in draw(file_lists(version))]
    return ProjectPage(name=X, index="index", files=sort_files(keyed))


@settings(deadline=None, max_examples=300)
@given(
    page=pages(),
    no_build=st.booleans(),
    pre=st.booleans(),
    likely=st.sampled_from((VIEW.all, 2, 8)),
    preferred=st.sampled_from((None, *VERSIONS)),
    provided=st.sets(st.sampled_from(VERSIONS), max_size=2),
    ascending=st.booleans(),
)
def test_rows_say_what_files_say(
    page: ProjectPage,
    no_build: bool,
    pre: bool,
    likely: int,
    preferred: str | None,
    provided: set[str],
    ascending: bool,
) -> None:
    judge = FileJudge(VIEW, WheelTags(TARGET), Policy(no_build=no_build), likely)
    conda = sorted(
        (Release(version=version, provided_by=((9, 2),)) for version in provided),
        key=lambda release: Version(release.version),
        reverse=True,
    )
    flags: dict[str, Any] = {"pre": pre, "preferred": preferred, "ascending": ascending}
    whole = PypiDomain("x", [*judge.judge_page(page, []), *conda], **flags)
    rows = decode_rows(*encode_rows(page))
    lazy = RowsDomain("x", rows, judge.judge_rows(rows), conda, **flags)
    assert [facts(release) for release in lazy.releases] == [facts(release) for release in whole.releases]
    assert (lazy.all, lazy.late, lazy.provided) == (whole.all, whole.late, whole.provided)
    assert lazy.levels() == whole.levels()
    for specifier in (">=1.1", "<2", "==1.0", "!=1.0.0", ">1,<3"):
        assert lazy.bits(SpecifierSet(specifier)) == whole.bits(SpecifierSet(specifier))
    finals = [Version(r.version) for r in whole.releases if not r.is_provided]
    in_order = [v for v in finals if pre or not v.is_prerelease]
    if not whole.is_pinned:
        assert in_order == sorted(in_order, reverse=not ascending)
    assert lazy.provided_places() == whole.provided_places()
    for place, release in enumerate(whole.releases):
        assert lazy.pythons_of(place) == release.pythons
        assert lazy.where_pythons(release.pythons) == whole.where_pythons(release.pythons)


def facts(release: Release) -> dict[str, object]:
    return msgspec.structs.asdict(release)
