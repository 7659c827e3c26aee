"""The record of a run as a page and as aims; the edits of the environments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.all.cases import CASES, CLASH, PEERS, Case
from benchmarks.all.measures import OURS, Measure
from benchmarks.all.report import AIMS, as_json, as_page, gains_rows, missed
from benchmarks.side_by_side import Run


def runs(*seconds: float) -> list[Run]:
    return [Run(wall=2 * one, cpu=one, memory=50 + one, code=0, output="", errors="") for one in seconds]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_edit_changes_one_line(case: Case, tmp_path: Path) -> None:
    plain, edited, longer = (
        case.write(tmp_path, how).read_text().splitlines() for how in ("", "edited", "longer")
    )
    assert sum(a != b for a, b in zip(plain, edited, strict=True)) == 1
    assert [line for line in longer if line != case.addition[1]] == plain
    assert len(longer) == len(plain) + 1
    assert set(case.peers) <= set(PEERS)


def test_the_clash_stands_in_the_first_case(tmp_path: Path) -> None:
    assert f"{CLASH[0]}\n" in CASES[0].write(tmp_path).read_text()


def test_a_record_as_a_page_and_its_aims() -> None:
    measures = [
        Measure(case="pip", state="searched", runs={OURS: runs(1, 3, 2), "uv": runs(4, 4, 5)}),
        Measure(case="pip", state="nothing changed", runs={OURS: runs(2), "uv": runs(4)}),
        Measure(
            case="mixed",
            state="unsolvable",
            runs={OURS: runs(1), "lock explain": runs(3), "py-rattler, then uv": runs(2)},
        ),
        Measure(case="mixed", state="lock --help", runs={OURS: runs(0.5)}),
    ]
    record = json.loads(json.dumps(as_json(measures, 3)))
    page = as_page(record)
    assert "| 100 pip requirements | searched | lockstack | 4.00 | 2.00 | 53 | 0.50 |" in page
    assert "| 50 conda and 30 pip requirements | unsolvable | lockstack | 2.00 | 1.00 | 51 | 0.50 |" in page
    assert "| `lock --help` | 1.00 | 0.50 | 50 |" in page
    assert page.endswith("\n".join(gains_rows()) + "\n")
    assert all(row.count("|") == 7 for row in gains_rows())
    assert missed(record) == [f"pip, nothing changed: 0.50 of uv (aim {AIMS['nothing changed']})"]


def test_the_page_has_the_gains_as_they_stand() -> None:
    page = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert page.endswith("\n".join(gains_rows()) + "\n"), "copy the rows of benchmarks/data/gains.csv"
