"""What the page says of a lockfile, by its record."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lockfiles.fleet.causes import Failure
from lockfiles.fleet.page.states import OUT_OF_DATE, LockfileState, lockfile_state
from lockfiles.fleet.records import FleetRecord
from tests.fleet.page.make import done, unsolvable

MADE = replace(done("a/environment.yml"), changes=None)
CHECKED = FleetRecord(file="a.yml", code=0, outcome="done", work=("fresh",), output="a.conda-lock.yml")
FAILED = unsolvable("a.yml", "a", "b")
NOT_FRESH = replace(CHECKED, code=5, outcome="not fresh")

CASES = [
    ("there was none, and now there is", MADE, False, LockfileState.MADE),
    ("another one was there", replace(MADE, changes=3), False, LockfileState.RELOCKED),
    ("written anew though no package differs", replace(MADE, changes=0), False, LockfileState.RELOCKED),
    ("it held these bytes already", replace(MADE, is_written=False, changes=0), False, LockfileState.FRESH),
    ("nothing may be written, and nothing would change", replace(MADE, is_written=False, changes=0), True,
     LockfileState.FRESH),
    ("nothing may be written, and it would", replace(MADE, is_written=False, changes=2), True,
     LockfileState.WOULD_CHANGE),
    ("nothing may be written, and there is none", replace(MADE, is_written=False), True,
     LockfileState.WOULD_BE_MADE),
    ("looked at, and fresh", CHECKED, False, LockfileState.FRESH),
    ("looked at, and made for other lines", replace(NOT_FRESH, reasons=("the channels differ",)), False,
     LockfileState.STALE),
    ("looked at, and not there", replace(NOT_FRESH, reasons=("`a.conda-lock.yml` does not exist",)), False,
     LockfileState.MISSING),
    ("fresh, though a check finds an error", replace(NOT_FRESH, outcome="findings"), False,
     LockfileState.FRESH),
    ("no solution, and there is no lockfile", FAILED, False, LockfileState.MISSING),
    ("no solution, and one is there", replace(FAILED, output="a.lock.yml"), False, LockfileState.UNKNOWN),
    ("its worker was lost, and nobody looked", replace(FAILED, failures=(Failure(kind="died", message="x"),)),
     False, LockfileState.UNKNOWN),
    ("a fault behind the lock", replace(MADE, failures=unsolvable("a.yml", "a").failures), False,
     LockfileState.UNKNOWN),
    ("standard output took it", replace(MADE, output=None), False, LockfileState.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "is_dry", "state"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_state_of_a_lockfile(record: FleetRecord, is_dry: bool, state: LockfileState) -> None:
    assert lockfile_state(record, is_dry=is_dry) is state


def test_what_is_out_of_date_is_what_must_be_done() -> None:
    assert sorted(OUT_OF_DATE) == ["missing", "not fresh", "would be made", "would change"]
