"""A sample of the table against real servers, by the command as a process.

All rows are run where LOCKSTACK_ALL is set, and by ``python -m benchmarks.hostile_table``, which also
prints what each took.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.hostile.rows import KINDS, ROWS, Row
from tests.hostile.running import good_lockfile, run_row
from tests.support.amount import IS_WHOLE

_EACH = 82  #: of the rows of a kind every so many-th is in the sample
SAMPLE = [
    row
    for rows in KINDS.values()
    for number, row in enumerate(rows)
    if IS_WHOLE or number % _EACH == _EACH // 6
]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    return good_lockfile(tmp_path_factory.mktemp("before"))


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row.why)
def test_a_strangers_file(row: Row, before: str, tmp_path: Path) -> None:
    outcome = run_row(row, before, tmp_path)
    assert outcome.faults == (), outcome.ran.err


def test_rows_have_names_of_their_own() -> None:
    assert [why for why, count in Counter(row.why for row in ROWS).items() if count > 1] == []
