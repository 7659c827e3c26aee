"""What speaks against a lockfile, under the date that it was made for.

A limit in time that is given as an age is counted once: the date in the lockfile holds until
the lockfile moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.session import Session
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.earlier import EarlierFile
    from lockfiles.model import LockMetadata
    from lockfiles.request.satisfied import Fault


def with_held_date(session: Session, earlier: Sequence[Resolution]) -> Session:
    """Return the session with the dates that the lockfile was made for.

    Only where the setting is an age, and the lockfile's date is old enough for it today.
    """
    from lockfiles.settings.ages import Age

    if not isinstance(session.settings.exclude_newer.value, Age):
        return session
    held = {resolution.target.subdir: resolution.target.exclude_newer for resolution in earlier}
    targets = []
    for target in session.targets:
        before, today = held.get(target.subdir), target.exclude_newer
        if before is not None and today is not None and before < today:
            target = msgspec.structs.replace(target, exclude_newer=before)
        targets.append(target)
    return msgspec.structs.replace(session, targets=tuple(targets))


def hold_date(session: Session, output: Path, earlier: EarlierFile) -> Session:
    """Return the session with the lockfile's dates if nothing else asks for a new lockfile."""
    from lockfiles.settings.ages import Age

    if not isinstance(session.settings.exclude_newer.value, Age):
        return session
    held = with_held_date(session, earlier.resolutions)
    return session if held == session or find_faults(held, output) else held


def find_faults(session: Session, output: Path) -> tuple[Fault, ...]:
    """Return why the lockfile at ``output`` doesn't answer the session's request; empty when it does.

    It may be of any format that is read: of one for many environments those count that are asked for.
    """
    from lockfiles.files import read_text
    from lockfiles.kept_platforms import settle_others
    from lockfiles.request.request_hash import request_hashes
    from lockfiles.request.satisfied import check_satisfied

    metadata, resolutions = _read(read_text(output), str(output), session)
    session = with_held_date(session, resolutions)
    return check_satisfied(
        session.requirements,
        session.targets,
        resolutions,
        channels=session.channels,
        custom=metadata.custom,
        kept=settle_others(session, metadata.platforms).kept,
        hashes=request_hashes(session.requirements, session.targets, settings=session.fingerprint()),
    )


def _read(text: str, name: str, session: Session) -> tuple[LockMetadata, Sequence[Resolution]]:
    """Return what a lockfile holds for the session: of one with groups those that its lines are of."""
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock
    from lockfiles.formats.conda_lock.text import read_conda_lock
    from resolver.inputs.file_kinds import kind_of

    kind = kind_of(text, name)
    if kind is None or kind.id == "conda_lock":
        lock = read_conda_lock(text, name)
        return lock.metadata, resolutions_of_lock(lock, name)
    from lockfiles.formats.reading import MAIN, LockReadOptions, limit_categories, read_lockfile

    pythons = {target.python for target in session.targets}
    options = LockReadOptions(
        platforms=tuple(target.subdir for target in session.targets),
        python=pythons.pop() if len(pythons) == 1 else None,
    )
    content = read_lockfile(text, name, options)
    asked = session.requirements
    groups = frozenset(
        {MAIN, *(line.category for line in asked.conda), *(line.category for line in asked.pypi)}
    )
    return content.metadata, [limit_categories(one, groups) for one in content.resolutions]
