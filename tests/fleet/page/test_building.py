"""What the page holds, of records that are written by hand."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.version import Version

from lockfiles.fleet.page.building import PageBuilder
from lockfiles.fleet.page.model import FleetPage, steps_of
from lockfiles.fleet.page.packages import newest_first
from lockfiles.fleet.page.places import PageTexts
from lockfiles.fleet.records import FindingRow, FleetRecord, ImageRow, NoticeRow, PackageRow, TargetRow
from tests.fleet.page.make import done, drawn_records, package, page_of, unsolvable
from tests.support.amount import examples


def held(page: FleetPage, environment: int, target: int = 0) -> list[tuple[str, str]]:
    """Names and versions of an environment, as the page's script reads them."""
    place = page.environments[environment].targets[target].held
    assert place is not None
    numbers = accumulate(page.lists[place])
    return [(page.names[page.packages[n].name].name, page.packages[n].version) for n in numbers]


def test_forty_files_that_fail_for_the_same_lines_have_one_cause() -> None:
    records = [unsolvable(f"{n:02}.yml", *(("a", "b") if n % 2 else ("b", "a"))) for n in range(40)]
    records.insert(7, unsolvable("other.yml", "c"))
    records.insert(9, done("fine.yml"))
    page = page_of(records)
    assert [(cause.text, len(cause.environments)) for cause in page.causes] == [("a | b", 40), ("c", 1)]
    assert [line.text for line in page.causes[0].lines] == ["b", "a"]
    assert page.causes[0].lines[0].file == "00.yml"
    for number, environment in enumerate(page.environments):
        assert environment.causes == tuple(n for n, c in enumerate(page.causes) if number in c.environments)
    assert page.environments[7].causes == (1,)
    assert page.environments[9].causes == ()


def test_a_file_with_two_faults_has_two_causes() -> None:
    one, other = unsolvable("a.yml", "x", "z"), unsolvable("a.yml", "y")
    page = page_of([replace(one, failures=(*one.failures, *other.failures, *one.failures))])
    assert page.environments[0].causes == (0, 1)
    assert [cause.environments for cause in page.causes] == [(0,), (0,)]


def test_lines_of_the_same_files_that_nothing_meets_are_told_together() -> None:
    failures = [unsolvable("a.yml", text).failures[0] for text in ("x", "y", "z")]
    records = [replace(unsolvable("a.yml", "x"), failures=(*failures,))]
    records += [replace(unsolvable("b.yml", "x"), failures=(*failures[:2],))]
    page = page_of(records)
    assert [([line.text for line in one.lines], one.is_apart) for one in page.causes] == [
        (["x", "y"], True),
        (["z"], False),
    ]
    assert [one.causes for one in page.environments] == [(0, 1), (0,)]


def test_each_build_stands_once_and_equal_environments_share_a_list() -> None:
    rows = (package("b", "2.0", asked=True), package("a", "1.0", 0), package("r", pypi=True))
    page = page_of([done("one.yml", *rows), done("two.yml", *rows), done("three.yml", package("a", "1.10"))])
    assert [(page.names[one.name].name, one.version) for one in page.packages] == [
        ("a", "1.10"), ("a", "1.0"), ("b", "2.0"), ("r", "1.0"),
    ]  # fmt: skip
    assert [one.targets[0].held for one in page.environments] == [0, 0, 1]
    assert held(page, 0) == held(page, 1) == [("a", "1.0"), ("b", "2.0"), ("r", "1.0")]
    assert page.environments[0].targets[0].asked == (2,)
    assert [page.names[name].name for name in page.packages[1].needs] == ["b"]
    assert {name.ecosystem for name in page.names if name.name == "r"} == {"pypi"}


def test_a_build_that_needs_something_else_elsewhere_is_told_apart() -> None:
    """A wheel needs what its markers say on a platform."""
    one = done("one.yml", package("a", "1", 1, pypi=True), package("b"))
    other = done("two.yml", package("a", "1", pypi=True), package("b"))
    assert sorted(len(row.needs) for row in page_of([one, other]).packages) == [0, 0, 1]


def test_sizes_are_sums_of_what_is_known() -> None:
    page = page_of([done("a.yml", package("a", size=5), package("b", size=7), package("c", size=None))])
    target = page.environments[0].targets[0]
    assert (target.count, target.size, target.unknown) == (3, 12, 1)


def test_findings_by_rule_the_worst_first() -> None:
    def finding(rule: str, severity: str, message: str, platform: str | None = None) -> FindingRow:
        return FindingRow(rule=rule, severity=severity, message=message, platform=platform)

    def on(platform: str) -> FindingRow:
        return finding("x/err", "error", "one", platform)

    page = page_of(
        [
            done("a.yml", findings=(finding("x/note", "note", "m"), on("osx-64"))),
            done("b.yml", findings=(finding("x/err", "error", "two"), on("linux-64"))),
            done("c.yml", findings=(finding("x/most", "error", "m"),) * 2),
            done("d.yml", findings=(finding("x/most", "error", "m"),)),
            done("e.yml", findings=(finding("x/most", "error", "m"),)),
        ]
    )  # fmt: skip
    assert [(one.rule, one.severity) for one in page.findings] == [
        ("x/most", "error"), ("x/err", "error"), ("x/note", "note"),
    ]  # fmt: skip
    assert [(m.text, m.environments, m.platforms) for m in page.findings[1].messages] == [
        ("one", (0, 1), ("linux-64", "osx-64")), ("two", (1,), ()),
    ]  # fmt: skip
    assert page.findings[0].messages[0].environments == (2, 3, 4)


def test_images_and_who_shares_them() -> None:
    def image(value: str) -> ImageRow:
        return ImageRow(kind="conda-environment", value=value, certainty="exact")

    page = page_of([done(f"{n}.yml", images=(image("one" if n == 1 else "many"),)) for n in range(3)])
    assert [(one.value, one.environments) for one in page.images] == [("many", (0, 2)), ("one", (1,))]


def test_notices_are_told_once() -> None:
    notice = NoticeRow(code="default-python", severity="note", text="python 3.12 was chosen")
    page = page_of([done("a.yml", notices=(notice, notice)), done("b.yml", notices=(notice,))])
    assert [(one.text, one.environments) for one in page.notices] == [("python 3.12 was chosen", (0, 1))]


def test_texts_are_cleaned_wherever_they_stand() -> None:
    """No field of a record gets into the page as it is."""
    dirty = "/home/someone/work/\x1b"
    record = unsolvable(dirty, dirty)
    row = PackageRow("conda", dirty, dirty, dirty, dirty, 1, True, dirty)
    found = FindingRow(
        rule=dirty, severity="error", message=dirty, fix=dirty, evidence=(dirty,), platform=dirty
    )
    record = replace(
        record, output=dirty, reasons=(dirty,), same_as=dirty,
        targets=(TargetRow(platform=dirty, python=dirty, packages=(row,), unproven=(dirty,)),),
        findings=(found,),
        images=(ImageRow(kind=dirty, value=dirty, certainty=dirty),),
        notices=(NoticeRow(code=dirty, severity="note", text=dirty),),
        read={dirty: "0"}, worker=dirty, key=dirty,
    )  # fmt: skip
    failure = replace(record.failures[0], kind=dirty, hint=dirty)
    text = msgspec.json.encode(page_of([replace(record, failures=(failure,))])).decode()
    assert "someone" not in text
    assert "\\u001b" not in text


def test_more_packages_than_a_browser_holds_are_counted_and_said() -> None:
    builder = PageBuilder(PageTexts([], []), most_held=5)
    for n in range(4):
        builder.take(done(f"{n}.yml", *(package(f"p{n}{i}") for i in range(2))))
    page = builder.finish(title="t", work=("lock",), version="1")
    assert [one.targets[0].held for one in page.environments] == [0, 1, None, None]
    assert [one.targets[0].count for one in page.environments] == [2] * 4
    (remark,) = page.remarks
    assert remark.startswith(
        "packages of 2 platforms of environments aren't named one by one: a page holds 5 "
    )


@pytest.mark.parametrize(
    ("ecosystem", "versions"),
    [
        ("conda", ["3.0.15", "3.0.9", "1.1.1", "1.1.1w", "1.1.1a"]),
        ("pypi", ["2.0", "2.0rc1", "2.0.dev3", "1.10", "1.9"]),
        ("pypi", ["1.0", "not a version"]),
        ("conda", ["2024.2", "1.0post1", "1.0", "1.0rc1", "1.0dev1"]),
    ],
)
def test_versions_in_the_order_of_their_ecosystem(ecosystem: str, versions: list[str]) -> None:
    assert newest_first(ecosystem, sorted(versions)) == versions


NUMBERS = [".".join(parts) for count in (1, 2, 3) for parts in itertools.product("0123", repeat=count)]
STAGES = ["", *(f"{stage}{number}" for stage in ("a", "rc") for number in range(3))]
OF_PYPI = list(map("".join, itertools.product(NUMBERS, STAGES, ("", ".post0", ".post1"))))


@given(st.sets(st.sampled_from(OF_PYPI), max_size=12))
def test_versions_of_pypi_are_ordered_as_packaging_orders_them(versions: set[str]) -> None:
    found = newest_first("pypi", versions)
    assert set(found) == versions
    assert [Version(one) for one in found] == sorted(map(Version, versions), reverse=True)


@given(st.sets(st.integers(0, 10_000), max_size=50))
def test_steps_give_the_numbers_back(numbers: set[int]) -> None:
    assert list(accumulate(steps_of(numbers))) == sorted(numbers)


def facts_of(records: Sequence[FleetRecord]) -> Iterator[tuple[str, str, str]]:
    for record in records:
        for target in record.targets:
            for row in target.packages:
                yield record.file, row.name, row.version


@settings(deadline=None, max_examples=examples(10))
@given(st.integers(0, 1000))
def test_the_page_holds_what_the_records_hold(seed: int) -> None:
    records = list(drawn_records(6, seed))
    page = page_of(records)
    found = Counter(
        (one.file, *pair)
        for number, one in enumerate(page.environments)
        for target in range(len(one.targets))
        for pair in held(page, number, target)
    )
    assert found == Counter(facts_of(records))
    assert page == page_of(records)
    for record, one in zip(records, page.environments, strict=True):
        assert (one.file, one.code, one.outcome) == (record.file, record.code, record.outcome)
        asked = [page.packages[n] for target in one.targets for n in target.asked]
        expected = [row for target in record.targets for row in target.packages if row.is_asked]
        assert Counter(page.names[p.name].name for p in asked) == Counter(row.name for row in expected)
