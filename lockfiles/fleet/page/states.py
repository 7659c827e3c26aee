"""What a record says of its lockfile."""

from __future__ import annotations

from lockfiles.fleet.records import FleetRecord
from resolver.model.choices import StrEnum

#: Failures of files whose workers were lost: nobody looked whether there is a lockfile.
LOST_KINDS = frozenset({"died", "timeout"})


class LockfileState(StrEnum):
    """What became of a file's lockfile; the values are what the page says."""

    FRESH = "up to date"
    MADE = "made now"
    RELOCKED = "relocked now"
    STALE = "not fresh"
    MISSING = "missing"
    WOULD_CHANGE = "would change"
    WOULD_BE_MADE = "would be made"
    UNKNOWN = "left as it was"  #: the file's work failed: what is there was neither judged nor written


#: States in which a lockfile isn't what its file asks for.
OUT_OF_DATE = frozenset(
    {LockfileState.STALE, LockfileState.MISSING, LockfileState.WOULD_CHANGE, LockfileState.WOULD_BE_MADE}
)


def lockfile_state(record: FleetRecord, *, is_dry: bool) -> LockfileState:
    """Return what a record says of its lockfile; ``is_dry``: the run wrote nothing.

    What counts is what a lockfile was made for, never when: a checkout gives every file a new time.
    """
    if record.failures:
        is_lost = any(one.kind in LOST_KINDS for one in record.failures)
        return LockfileState.MISSING if record.output is None and not is_lost else LockfileState.UNKNOWN
    if record.output is None:
        return LockfileState.UNKNOWN
    if "fresh" in record.work:
        return _as_checked(record)
    if record.digest is None:
        return LockfileState.UNKNOWN
    if record.is_written:
        return LockfileState.MADE if record.changes is None else LockfileState.RELOCKED
    if is_dry and record.changes is None:
        return LockfileState.WOULD_BE_MADE
    return LockfileState.WOULD_CHANGE if is_dry and record.changes else LockfileState.FRESH


def _as_checked(record: FleetRecord) -> LockfileState:
    if not record.reasons:
        return LockfileState.FRESH
    is_missing = record.reasons == (f"`{record.output}` does not exist",)
    return LockfileState.MISSING if is_missing else LockfileState.STALE
