"""Rows are drawn from every table, the same by the same seed, and each once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resolver.checks import facts
from resolver.machine import facts as machine_facts
from scripts.sample_facts import draw, iter_rows, main


def test_every_table_is_drawn_from() -> None:
    tables = {
        name
        for folder in (facts.TABLES, machine_facts.TABLES)
        for rows in folder.families.values()
        for name in rows
    }
    rows = list(iter_rows())
    assert {item["table"] for item in rows} == tables
    assert len(rows) == sum(len(facts.table_named(name)[0].rows) for name in tables)


def test_a_seed_draws_the_same_rows_each_once() -> None:
    rows = list(iter_rows())
    drawn = draw(rows, 7, 50)
    assert drawn == draw(rows, 7, 50) != draw(rows, 8, 50)
    assert len({(item["file"], item["table"], item["number"]) for item in drawn}) == 50


def test_the_parts_hold_what_was_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["3", "--count", "5", "--parts", "2", "--output", str(tmp_path / "facts")]) == 0
    parts = [json.loads((tmp_path / f"facts-{part}.json").read_text(encoding="utf-8")) for part in (1, 2)]
    drawn = draw(list(iter_rows()), 3, 5)
    assert parts == [drawn[::2], drawn[1::2]]
    assert "facts-2.json: 2 of " in capsys.readouterr().out


def test_more_rows_than_there_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["3", "--count", "1000000", "--output", str(tmp_path / "facts")])
