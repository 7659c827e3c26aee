"""One job done: what `lock FILE` would do, and a record of it. Nothing that a file brings ends the fleet."""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from lockfiles.files import write_text
from lockfiles.fleet.causes import Failure, failures_of
from lockfiles.fleet.records import OUTCOMES, FleetRecord
from lockfiles.fleet.stages import JobListener
from lockfiles.surroundings import Surroundings
from resolver.errors import LockstackError, NoSolutionError, OutputError

if TYPE_CHECKING:
    from lockfiles.fleet.jobs import Job
    from lockfiles.locking import Locked, LockRequest
    from lockfiles.several.locking import LockedSeveral

#: Writes a lockfile's text to a place; tells whether the file changes, raises OutputError.
Write: TypeAlias = Callable[[Path, str], bool]

_log = logging.getLogger(__name__)
#: Exit code of a lockfile that isn't fresh, or in which a check finds an error.
FOUND = 5


class NotingSurroundings(Surroundings, frozen=True, kw_only=True):
    """Surroundings that note which files were read, and what they held."""

    noted: dict[str, str] = msgspec.field(default_factory=dict)  #: name -> SHA-256, 64 hex digits

    @classmethod
    def of(cls, other: Surroundings) -> NotingSurroundings:
        """Return the same surroundings with a blank note."""
        return cls(**{name: getattr(other, name) for name in other.__struct_fields__ if name != "noted"})

    def read(self, name: str) -> bytes:
        """Return what a file holds, and note it; raises OSError."""
        data = super().read(name)
        self.noted[name] = hashlib.sha256(data).hexdigest()
        return data


def do_job(job: Job, surroundings: Surroundings, write: Write | None = None) -> FleetRecord:
    """Do a job's work in order; return what became of it. A stage that fails ends it.

    ``write`` writes the lockfile; None: into its place.
    """
    write = write or functools.partial(write_text, run=job.run)
    listener = JobListener()
    made = FleetRecord(
        file=job.file, code=0, outcome=OUTCOMES[0], work=job.work, key=job.key, attempts=job.attempt,
        settings_files=job.settings_files,
    )  # fmt: skip
    noting = NotingSurroundings.of(surroundings)
    request = replace(job.request, surroundings=noting)
    try:
        made = _work(job, request, made, listener, write)
    except LockstackError as error:
        made = _ended(made, error.exit_code, failures_of(error))
        if isinstance(error, NoSolutionError):
            listener.done("explain")
    except RecursionError as error:
        made = _ended(made, 1, (_unexpected(error),))
    except Exception as error:
        _log.debug("a job of a fleet met what nobody foresaw", exc_info=True)
        made = _ended(made, 1, (_unexpected(error),))
    if made.failures and made.output is None:
        made = replace(made, output=_lockfile_there(request))
    return replace(
        made,
        seconds=listener.seconds,
        cpu=listener.cpu,
        stages=dict(listener.stages),
        requests=listener.requests,
        fetched=listener.fetched,
        read=dict(sorted(noting.noted.items())),
    )


def _lockfile_there(request: LockRequest) -> str | None:
    """Return the place of the lockfile of a file whose work failed; None where there is none."""
    from lockfiles.files import is_file
    from lockfiles.places import SEVERAL, default_output, is_ours
    from lockfiles.session import read_settings

    try:
        asked = read_settings(request).output.value
    except LockstackError:
        asked = None
    place = asked or default_output(request.files)
    several = place.with_name(SEVERAL)
    if asked is None and not is_file(place) and is_file(several):
        try:
            place = several if is_ours(several) else place
        except LockstackError:
            return None
    return place.as_posix() if is_file(place) else None


def unwritten(record: FleetRecord, error: OutputError) -> FleetRecord:
    """Return the record of a job whose lockfile couldn't be put in its place."""
    return replace(_ended(record, error.exit_code, failures_of(error)), is_written=False)


def _ended(record: FleetRecord, code: int, failures: tuple[Failure, ...]) -> FleetRecord:
    return replace(record, code=code, outcome=OUTCOMES.get(code, str(code)), failures=failures)


def _unexpected(error: Exception) -> Failure:
    from resolver.model.redaction import redact

    first = redact(f"{type(error).__name__}: {error}".splitlines()[0])
    return Failure(
        kind=type(error).__name__, message=first, hint="This is a fault of the program.", cause=first
    )


def _work(
    job: Job, request: LockRequest, made: FleetRecord, listener: JobListener, write: Write
) -> FleetRecord:
    from lockfiles.locking import lock

    locked: Locked | None = None
    if "fresh" in job.work:
        made = _check_fresh(request, made)
        listener.done("fresh")
    if "lock" in job.work:
        same = _as_its_twin(job, request, made)
        if same is not None:
            return same
        locked = lock(request, listener)
        listener.done("lockfile")
        made = _written(job, locked, made, listener, write)
    if "update" in job.work:
        from lockfiles.fleet.upkeep.relocking import move
        from lockfiles.fleet.upkeep.rules import read_rules

        made, moved = move(request, read_rules(job.rules, _read), made, listener)
        listener.done("lockfile")
        if moved is not None and made.upkeep is not None and made.upkeep.difference is not None:
            written = _written(job, moved, made, listener, write)
            made = replace(written, code=made.code, outcome=made.outcome)
    if "check" in job.work:
        from lockfiles.fleet.judging import check_locked, check_lockfile

        made = check_lockfile(request, made) if locked is None else check_locked(request, made, locked)
        listener.done("check")
    if "hash" in job.work:
        from lockfiles.fleet.judging import identify_images

        made = identify_images(request, made, locked)
        listener.done("hash")
    return made


def _read(name: str) -> bytes:
    from lockfiles.files import read_bytes

    return read_bytes(name)


def _check_fresh(request: LockRequest, made: FleetRecord) -> FleetRecord:
    from lockfiles.fleet.rows import notice_rows
    from lockfiles.freshness import check_fresh

    found = check_fresh(request, logs_notices=False)
    code = FOUND if found.faults else 0
    return replace(
        made,
        code=code,
        outcome="not fresh" if code else OUTCOMES[0],
        output=found.output.as_posix(),
        reasons=tuple(str(fault) for fault in found.faults),
        notices=notice_rows(found.session.requirements.notices),
    )


def _written(
    job: Job, locked: Locked | LockedSeveral, made: FleetRecord, listener: JobListener, write: Write
) -> FleetRecord:
    """Return the record of a lock whose lockfile is written, unless nothing may be."""
    from lockfiles.fleet.rows import lock_rows, notice_rows

    written = False
    if not job.dry_run and locked.output is not None:
        written = write(locked.output, locked.text)
    listener.done("write")
    return replace(
        made,
        output=locked.output.as_posix() if locked.output is not None else None,
        digest=hashlib.sha256(locked.text.encode()).hexdigest(),
        is_written=written,
        changes=_changes(locked),
        targets=lock_rows(locked, listener.unproven),
        notices=notice_rows(locked.notices, listener.warnings),
    )


def _changes(locked: Locked | LockedSeveral) -> int | None:
    return None if locked.difference is None else len(locked.difference.changes)


def _as_its_twin(job: Job, request: LockRequest, made: FleetRecord) -> FleetRecord | None:
    """Return the record of a file that fails as its twin did; None where that isn't certain.

    The twin has the same bytes, name, settings and flags. Certain it is where both ask the resolver the
    same question, which lines, settings and sources alone decide, and where no earlier lockfile stands.
    """
    twin = job.like
    if twin is None:
        return None
    from lockfiles.files import is_file
    from lockfiles.fleet.questions import question_of
    from lockfiles.places import find_output
    from lockfiles.session import open_session

    session = open_session(request)
    output = find_output(session)
    if output is not None and is_file(output):
        return None
    own = question_of(session)
    if own is None or own != question_of(open_session(replace(request, files=(twin.file,)))):
        return None
    failures = tuple(_moved(failure, twin.file, job.file) for failure in twin.failures)
    return replace(_ended(made, twin.code, failures), same_as=twin.file)


def _moved(failure: Failure, before: str, after: str) -> Failure:
    """Return a failure with its places in another file of the same bytes; its words keep to the first one."""
    return replace(
        failure,
        file=after if failure.file == before else failure.file,
        lines=tuple(replace(ln, file=after if ln.file == before else ln.file) for ln in failure.lines),
    )
