"""The table of a fleet, and causes in words."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from msgspec.structs import replace

from lockfiles.cli.fleet.table import cause_lines, table_lines, tell_causes
from lockfiles.cli.terminal import Terminal
from lockfiles.fleet.causes import ClashingLine, Failure, failures_of
from lockfiles.fleet.grouping import group_causes
from lockfiles.fleet.records import FleetRecord
from resolver.errors import (
    AuthenticationError,
    InputError,
    LockstackError,
    OutputError,
    SourceError,
    UnknownHostError,
)
from resolver.model.origin import Origin

FAILURE = Failure(
    kind="no-solution",
    cause="numpy>=2",
    message="no solution",
    hint="a.yml:3:5: drop `numpy>=2`",
    lines=(ClashingLine(text="numpy>=2"),),
)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        pytest.param({"is_written": True}, "written", id="made"),
        pytest.param({"is_written": True, "changes": 2}, "written, 2 changed", id="relocked"),
        pytest.param({"changes": 0}, "unchanged", id="the same"),
        pytest.param({"changes": 3}, "would change, 3 changed", id="a dry run over a lockfile"),
        pytest.param({}, "would be made", id="a dry run where no lockfile is"),
        pytest.param({"work": ("check",)}, "done", id="nothing is locked"),
        pytest.param(
            {"code": 5, "outcome": "not fresh", "reasons": ("`a.lock` does not exist",)},
            "not fresh: no lockfile", id="missing",
        ),
        pytest.param(
            {"code": 5, "outcome": "not fresh", "reasons": ("a line came in", "one went")},
            "not fresh: a line came in, and 1 more reason", id="stale",
        ),
        pytest.param(
            {"code": 4, "outcome": "no solution", "same_as": "b.yml"}, "no solution, as b.yml", id="shared"
        ),
    ],
)  # fmt: skip
def test_a_row_says_what_became_of_the_lockfile(record: dict[str, Any], said: str) -> None:
    made = FleetRecord(**{"file": "a.yml", "code": 0, "outcome": "done", "output": "conda-lock.yml"} | record)
    assert table_lines([made], Terminal(stdout=StringIO(), stderr=StringIO())) == [f"a.yml  {said}"]


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        pytest.param(["a.yml"], "  hint: line 3: drop `numpy>=2`", id="one file"),
        pytest.param(
            ["a.yml", "b.yml"], "  hint (of the first): line 3: drop `numpy>=2`", id="whose hint it is"
        ),
    ],
)
def test_a_shared_cause_says_whose_hint_it_has(files: list[str], hint: str) -> None:
    records = [FleetRecord(file=name, code=4, outcome="no solution", failures=(FAILURE,)) for name in files]
    (cause,) = group_causes(records)
    assert list(cause_lines(cause))[-1] == hint


def told(*records: FleetRecord, verbosity: int = 0) -> list[str]:
    """Return what is said of the causes of records."""
    terminal = Terminal(stdout=StringIO(), stderr=(said := StringIO()), verbosity=verbosity)
    tell_causes(group_causes(records), terminal)
    return said.getvalue().splitlines()[1:]


def unmet(*lines: str, file: str = "a.yml") -> FleetRecord:
    """Return the record of a file of which nothing meets some lines."""
    failures = [
        Failure(kind="NoSolutionError", cause=text, message="no solution", lines=(ClashingLine(text=text),))
        for text in lines
    ]
    return FleetRecord(file=file, code=4, outcome="no solution", failures=tuple(failures))


def test_lines_of_the_same_files_that_nothing_meets_are_told_together() -> None:
    records = [unmet("x", "y", "z"), unmet("x", "y", file="b.yml")]
    assert told(*records)[:-1] == [
        *("2 files: nothing meets these lines:", "    x", "    y", "  a.yml", "  b.yml"),
        *("1 file: nothing meets `z`", "  a.yml"),
    ]


def test_what_fills_screens_is_cut_and_said_whole_where_more_is_asked_for() -> None:
    clashes = [
        Failure(kind="E", cause=f"c{n}", message=f"c{n}", hint="; ".join(f"do {i}" for i in range(7)))
        for n in range(30)
    ]
    many = FleetRecord(file="b.yml", code=2, outcome="bad input", failures=tuple(clashes))
    lines = [f"l{n:02}" for n in range(20)]
    records = [unmet(*lines), unmet(*lines, file="c.yml"), many]
    short = told(*records)
    assert "    and 8 more" in short
    assert "  hint: do 0; do 1; do 2; do 3; and 3 more changes" in short
    assert short[-2:] == [
        "and 11 more causes: `-v` tells all, `--html FILE` makes a page of them",
        "`lock explain FILE` gives all reasons, and other changes that work.",
    ]
    whole = told(*records, verbosity=1)
    assert "    l19" in whole
    assert "1 file: c29" in whole
    assert not any("more" in line for line in whole)


def test_why_nothing_meets_a_line_is_told_once() -> None:
    message = (
        "no solution for linux-64: this line can't be met:\n  a.yml:3:5  x\nwhy:\n  no package `x`\n  so"
    )
    failure = replace(FAILURE, message=message, hint="`lock explain` gives the reasons.")
    said = told(FleetRecord(file="a.yml", code=4, outcome="no solution", failures=(failure,)))
    assert said == [
        *("1 file: nothing meets `numpy>=2`", "  a.yml", "  why: no package `x`"),
        "`lock explain FILE` gives all reasons, and other changes that work.",
    ]


@pytest.mark.parametrize(
    ("failure", "named"),
    [
        pytest.param(replace(FAILURE, lines=(), file="a.yml", line=7), "  a.yml:7", id="its line"),
        pytest.param(
            replace(FAILURE, lines=(), file="more.txt", line=2), "  a.yml (more.txt:2)", id="another file"
        ),
        pytest.param(replace(FAILURE, lines=()), "  a.yml", id="no line"),
        pytest.param(FAILURE, "  a.yml", id="several lines, told above"),
    ],
)  # fmt: skip
def test_one_file_s_fault_has_its_line(failure: Failure, named: str) -> None:
    record = FleetRecord(file="a.yml", code=2, outcome="bad input", failures=(failure,))
    (cause,) = group_causes([record])
    assert list(cause_lines(cause))[-2] == named


HOST = "https://user.example"


@pytest.mark.parametrize(
    ("errors", "cause"),
    [
        pytest.param(
            [UnknownHostError("the host's name is unknown", f"{HOST}/{n}.txt") for n in "ab"],
            f"{HOST}: the host's name is unknown",
            id="a host is unknown, whatever was asked of it",
        ),
        pytest.param(
            [SourceError("503 Service Unavailable", f"{HOST}:8443/{n}/", status=503) for n in "ab"],
            f"{HOST}:8443: 503 Service Unavailable",
            id="a server fails for all pages",
        ),
        pytest.param(
            [AuthenticationError("401", f"{HOST}/{n}/", status=401) for n in "ab"],
            f"{HOST}: 401",
            id="credentials are of a server",
        ),
        pytest.param(
            [OutputError(f"{n}/conda-lock.yml", "no permission") for n in "ab"],
            "a file can't be written: no permission",
            id="folders that may not be written into",
        ),
        pytest.param(
            [InputError(f"can't read `x/{n}/r.txt`: gone", Origin(file=f"x/{n}/e.yml")) for n in "ab"],
            "can't read `r.txt`: gone",
            id="a file beside each",
        ),
    ],
)
def test_what_fails_for_one_reason_is_one_cause(errors: list[LockstackError], cause: str) -> None:
    assert [failures_of(error)[0].cause for error in errors] == [cause, cause]
    records = [
        FleetRecord(file=f"{error}", code=2, outcome="failed", failures=failures_of(error))
        for error in errors
    ]
    assert told(*records)[0] == f"2 files: {cause}"
    assert told(records[0])[0] == f"1 file: {failures_of(errors[0])[0].message}"


@pytest.mark.parametrize(
    "error",
    [SourceError("no such page", f"{HOST}/a/", status=404), SourceError("no channel", "file:///a/b")],
    ids=["a page", "a folder"],
)
def test_what_one_page_lacks_is_its_own_cause(error: LockstackError) -> None:
    assert failures_of(error)[0].cause == str(error)


def test_a_hint_of_a_fleet_names_no_flag_that_it_lacks() -> None:
    (failure,) = failures_of(OutputError("a", "no permission", "Choose another place with `--output`."))
    assert failure.hint == "Choose another place with the setting `output`."
