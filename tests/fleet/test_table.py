"""The table of a fleet, and causes in words."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from msgspec.structs import replace

from lockfiles.cli.fleet.table import cause_lines, table_lines
from lockfiles.cli.terminal import Terminal
from lockfiles.fleet.causes import ClashingLine, Failure
from lockfiles.fleet.grouping import group_causes
from lockfiles.fleet.records import FleetRecord

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
        pytest.param(["a.yml"], "  hint: a.yml:3:5: drop `numpy>=2`", id="one file"),
        pytest.param(
            ["a.yml", "b.yml"], "  hint (of a.yml): a.yml:3:5: drop `numpy>=2`", id="whose hint it is"
        ),
    ],
)
def test_a_shared_cause_says_whose_hint_it_has(files: list[str], hint: str) -> None:
    records = [FleetRecord(file=name, code=4, outcome="no solution", failures=(FAILURE,)) for name in files]
    (cause,) = group_causes(records)
    assert list(cause_lines(cause))[-1] == hint


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
