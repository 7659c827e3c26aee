"""A page's rows, judged by form, give the releases that its files give one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.pypi_domain import PypiDomain, Release
from resolver.constraints.pypi_files import FileJudge, FileView, choose_files
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.pypi_rows import RowsDomain
from resolver.constraints.python_view import PythonView
from resolver.metadata.page_rows import YANKED, decode_rows, encode_rows
from resolver.metadata.simple_index import sort_files
from resolver.metadata.wheel_tags import WheelTags
from resolver.model.names import PypiName
from resolver.model.records import DistFile, ProjectPage
from resolver.model.target import Target, VirtualPackage
from tests.support.amount import examples
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


@settings(deadline=None, max_examples=examples(300))
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


def view(*, wheel: bool = True, pythons: int = 0, may_hint: bool = True) -> FileView:
    return FileView(wheel, is_allowed=True, pythons=pythons, may_hint=wheel and may_hint, is_compiled=False)


SDIST = view(wheel=False, pythons=2)
HINTS = [
    ("no wheel at all", (SDIST,), None),
    ("the first of those for other Pythons", (view(), view(), SDIST), 0),
    ("none that is yanked", (view(may_hint=False), view(), SDIST), 1),
    ("one that fits an unlikely Python before one that fits none", (view(), view(pythons=8), SDIST), 1),
]


@pytest.mark.parametrize(("views", "hint"), [row[1:] for row in HINTS], ids=[row[0] for row in HINTS])
def test_which_wheel_is_the_hint_of_an_sdist(views: tuple[FileView, ...], hint: int | None) -> None:
    judged = choose_files(views, likely=2)
    assert judged is not None
    assert (judged.files, judged.hint) == ((len(views) - 1,), hint)


def test_a_yanked_wheel_is_no_hint() -> None:
    judge = FileJudge(VIEW, WheelTags(TARGET), Policy(), 2)
    for tags in ("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-win_amd64"):
        for flags, may_hint in ((0, True), (YANKED, False)):
            assert judge.view_of_combo((tags, None, flags)).may_hint is may_hint


SPOKEN = (
    *TAGS, "cp311-abi3-manylinux_2_17_x86_64", "cp39-abi3-manylinux_2_28_x86_64", "cp312-none-any",
    "py3-none-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_x86_64", "py2.py3-none-any",
    "py3-none-manylinux2014_x86_64", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
)  # fmt: skip


@settings(deadline=None, max_examples=examples(300))
@given(
    tags=st.lists(st.sampled_from(SPOKEN), min_size=1, unique=True),
    likely=st.sampled_from((VIEW.all, 2, 4, 8)),
)
def test_the_wheel_that_installers_prefer_speaks_for_its_release(tags: list[str], likely: int) -> None:
    """Under the newest likely Python that a wheel fits, by the order of packaging's tags."""
    files = [
        DistFile(f"x-1.0-{one}.whl", "1.0", True, f"https://example.org/{one}", {}) for one in tags
    ]  # fmt: skip
    page = ProjectPage(name=X, index="index", files=tuple(files))
    wheels = WheelTags(TARGET)
    minors = [minor for minor, bits in (((3, 12), 2), ((3, 11), 4), ((3, 9), 8)) if likely & bits]
    for release in FileJudge(VIEW, wheels, Policy(), likely).judge_page(page, []):
        spoken = {file.file_name.split("-", 2)[2].removesuffix(".whl"): file for file in release.files}
        ranks = [[(rank, one) for one in spoken if (rank := wheels.rank(one, m)) is not None] for m in minors]
        preferred = next((min(found) for found in ranks if found), None)
        if preferred is not None:
            told_by = release.told_by
            assert told_by is not None
            own = told_by.file_name.split("-", 2)[2].removesuffix(".whl")
            assert preferred[0] in [rank for found in ranks for rank, one in found if one == own]
