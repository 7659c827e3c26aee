"""Files left out by rule."""

from __future__ import annotations

import pytest

from resolver.errors import SourceError
from resolver.metadata.page_rules import exclude_newer, limit_formats
from resolver.model.indexes import FormatRules
from resolver.model.names import pypi_name
from resolver.model.records import DistFile, ProjectPage, SkipCause, SkippedFile
from tests.support.tables import table


def file(name: str, version: str, upload_time: int | None = None) -> DistFile:
    url = f"https://example.org/{name}"
    return DistFile(name, version, name.endswith(".whl"), url, {}, upload_time=upload_time)


WHEEL, SDIST = file("foo-2-py3-none-any.whl", "2", 200), file("foo-1.tar.gz", "1", 100)
PAGE = ProjectPage(name=pypi_name("foo"), index="private", files=(WHEEL, SDIST), has_dates=True)

RULES = [
    ("nothing excluded", FormatRules(), (WHEEL, SDIST)),
    ("no wheels of it", FormatRules(no_binary=frozenset({"foo"})), (SDIST,)),
    ("no wheels of another", FormatRules(no_binary=frozenset({"bar"})), (WHEEL, SDIST)),
    ("only wheels", FormatRules(only_binary=frozenset({":all:"})), (WHEEL,)),
    ("only wheels, but not of it",
     FormatRules(only_binary=frozenset({":all:"}), no_binary=frozenset({"foo"})), (SDIST,)),
    ("neither", FormatRules(only_binary=frozenset({"foo"}), no_binary=frozenset({"foo"})), ()),
]  # fmt: skip


@table("rules, kept", RULES)
def test_formats(rules: FormatRules, kept: tuple[DistFile, ...]) -> None:
    page = limit_formats(PAGE, rules)
    assert page.files == kept
    assert len(page.skipped) == 2 - len(kept)


def test_reason_names_the_option() -> None:
    page = limit_formats(PAGE, FormatRules(only_binary=frozenset({"foo"})))
    assert page.skipped == (
        SkippedFile(SDIST.file_name, "sdists are excluded by `--only-binary`", SkipCause.FORMAT),
    )


def test_newer_files_are_left_out_with_the_day() -> None:
    page = exclude_newer(PAGE, 199)
    assert page.files == (SDIST,)
    assert page.skipped == (
        SkippedFile(WHEEL.file_name, "uploaded after 1970-01-01T00:03:19Z", SkipCause.DATE),
    )
    assert exclude_newer(PAGE, 200).files == PAGE.files


def test_undated_file_among_dated_ones_is_left_out() -> None:
    undated = file("foo-3-py3-none-any.whl", "3")
    page = exclude_newer(ProjectPage(name=PAGE.name, index="private", files=(undated, SDIST)), 1000)
    assert page.files == (SDIST,)
    assert page.has_dates
    assert (
        page.skipped[0].reason == "no upload date, and `--exclude-newer` is set (`--admit-undated` takes it)"
    )


def test_index_without_dates_is_refused() -> None:
    page = ProjectPage(name=PAGE.name, index="private", files=(file("foo-1.zip", "1"),))
    with pytest.raises(SourceError) as error:
        exclude_newer(page, 100)
    assert str(error.value) == (
        "private: `--exclude-newer` can't be used: this index gives no upload dates (asked for `foo`)"
    )
    assert error.value.hint
