"""Lock: files and settings in, a lockfile and what it changes out. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.listener import Listener
from lockfiles.places import find_output, refuse_other_names, relative_sources
from lockfiles.session import Session, SessionRequest, open_session
from lockfiles.version import VERSION
from resolver.errors import InputError, NoSolutionError, SourceError
from resolver.model.notices import IDLE_OVERRIDE
from resolver.model.requirements import Requirements

if TYPE_CHECKING:
    from lockfiles.difference import Difference
    from lockfiles.earlier import EarlierFile
    from lockfiles.formats.conda_lock.drafts import Drafts
    from lockfiles.model import CondaLock
    from lockfiles.update import Update
    from resolver.model.notices import Notice
    from resolver.model.resolution import Resolution


class LockRequest(SessionRequest, frozen=True, kw_only=True):
    """What to lock, and which of the earlier lockfile's pins may move.

    The earlier lockfile is what stands at the setting ``output``, or where nothing
    sets it, beside the first file. Its pins are tried first, but for packages that
    ``update`` names (names, patterns, ``NAME=VERSION``: :mod:`lockfiles.update`);
    ``update_all`` forgets all of them. Its other platforms stay, but for those in
    ``drop_platforms`` and those that the files list no more. ``limits`` are constraints that hold for this
    run alone: what is locked and doesn't meet them moves, with the fewest others. ``seeks_fixes``: where
    there is no solution, a change that works is sought, for the error's hint.
    """

    update: tuple[str, ...] = ()
    update_all: bool = False
    drop_platforms: tuple[str, ...] = ()
    drop_environments: tuple[str, ...] = ()  #: of a lockfile that holds several
    limits: Requirements | None = None
    seeks_fixes: bool = True


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """A lockfile that answers a request.

    ``text`` is ``lock`` in the format of conda-lock.yml, ``earlier`` what stands at
    ``output`` (empty: nothing). ``difference`` is None without an earlier lockfile.
    """

    session: Session
    resolutions: tuple[Resolution, ...]  #: one for each target, in order
    lock: CondaLock
    text: str
    output: Path | None  #: where it belongs; None: standard output
    earlier: str
    difference: Difference | None
    notices: tuple[Notice, ...] = ()  #: what was chosen for the user, or decided unseen


def lock(request: LockRequest, listener: Listener | None = None) -> Locked:
    """Solve what the files ask for, and return the lockfile.

    1. Read the earlier lockfile: its pins are tried first.
    2. Solve.
    3. Put in the earlier lockfile's other platforms, and compare.

    What the earlier lockfile holds is taken apart only where that matters: not where
    all pins are forgotten and the new text is the same. Raises InputError,
    SourceError and NoSolutionError.
    """
    from lockfiles.addresses import locked_channel
    from lockfiles.earlier import EarlierFile
    from lockfiles.files import is_file, read_text
    from lockfiles.formats.conda_lock.drafts import Drafts
    from lockfiles.formats.conda_lock.text import format_conda_lock
    from lockfiles.idle_settings import unused
    from lockfiles.kept_platforms import settle_others, tell_disagreement, with_kept

    listener = listener or Listener()
    if request.all_environments or len(request.environments) > 1:
        raise InputError("several environments are locked with `lock_several`")
    updates = _updates(request)
    session = open_session(request)
    output = find_output(session)
    text = read_text(output) if output is not None and is_file(output) else ""
    if output is not None and not text:
        refuse_other_names(output)
    earlier = EarlierFile(text, output, may_forget=request.update_all, listener=listener)
    moves = request.update or request.update_all or request.limits is not None
    if not moves and output is not None and text:
        from lockfiles.held_date import hold_date

        session = hold_date(session, output, earlier)
    there = earlier.platforms([target.subdir for target in session.targets])
    others = settle_others(session, there, request.drop_platforms)
    shelf = session.surroundings.shelf
    kept = shelf.drafts if shelf is not None else None
    drafts = Drafts([locked_channel(text) for text in session.channel_texts], earlier.texts, kept)
    try:
        resolutions = _solve(session, earlier, updates, request, listener, drafts)
    except (NoSolutionError, SourceError):  # how the files were read may be what is wrong with them
        for notice in session.requirements.notices:
            listener.warn(notice.text)
        raise
    made = make_lock(session, resolutions, output, drafts)
    notices = [*gather_notices(session.requirements, resolutions), *others.notices]
    notices += of_the_machine(session, request)
    notices += of_numpy(resolutions)
    notices += unused(session.settings, session.requirements, resolutions)
    if others.kept:
        before = earlier.lock
        notices += tell_disagreement(made, before, others.kept)
        made = with_kept(made, before, others.kept)
    text = format_conda_lock(made, drafts.text)
    return Locked(
        session=session,
        resolutions=resolutions,
        lock=made,
        text=text,
        output=output,
        earlier=earlier.text,
        difference=_difference(earlier, resolutions, others.kept, is_same=text == earlier.text),
        notices=tuple(notices),
    )


def _updates(request: LockRequest) -> list[Update]:
    if not request.update:
        return []
    from lockfiles.update import parse_update

    return [parse_update(text) for text in request.update]


def _solve(
    session: Session,
    earlier: EarlierFile,
    updates: Sequence[Update],
    request: LockRequest,
    listener: Listener,
    drafts: Drafts,
) -> tuple[Resolution, ...]:
    """Solve, with the earlier pins first and what is updated last of them; ``drafts`` takes what is found."""
    from lockfiles.over_earlier import solve_over, warn_of_unknown_updates
    from lockfiles.solving import solve

    if request.update_all and not updates:
        return solve(session, listener, seeks_fixes=request.seeks_fixes, each=drafts.add)
    previous = earlier.resolutions
    warn_of_unknown_updates(previous, [u.name for u in updates if not u.spec], listener)
    with_listener = partial(solve, listener=listener, seeks_fixes=request.seeks_fixes, each=drafts.add)
    return solve_over(
        session, previous, updates, listener, with_listener, update_all=request.update_all,
        limits=request.limits,
    )  # fmt: skip


def of_the_machine(session: Session, request: LockRequest) -> list[Notice]:
    """Return what each target is, where that isn't the default, and what is missing for a GPU."""
    from lockfiles.machine import said_of_machine
    from lockfiles.target_sources import target_notice

    found = [target_notice(session, target, request.machine) for target in session.targets]
    said = said_of_machine(request.machine, session.requirements.image, session.targets)
    return [*(notice for notice in found if notice is not None), *said]


def of_numpy(resolutions: Sequence[Resolution]) -> list[Notice]:
    """Return what numpy 2 breaks although no metadata said it; the facts are read where numpy 2 is."""
    numpy_2 = [found for found in resolutions if found.pypi and _has_numpy_2(found)]
    if not numpy_2:
        return []
    from resolver.checks.numpy_abi import numpy_notices

    return [notice for found in numpy_2 for notice in numpy_notices(found)]


def _has_numpy_2(resolution: Resolution) -> bool:
    from resolver.model.leading_numbers import release

    versions = [pin.record.version for pin in resolution.conda if pin.record.name == "numpy"]
    versions += [pin.version for pin in resolution.pypi if pin.name == "numpy"]
    return any(release(version) >= (2,) for version in versions)


def _difference(
    earlier: EarlierFile, resolutions: Sequence[Resolution], kept: Sequence[str], *, is_same: bool
) -> Difference | None:
    """Return what changed; None without an earlier lockfile, which is read only where it must be."""
    if not earlier.text.strip():
        return None
    from lockfiles.difference import Difference, diff_resolutions

    if is_same:
        return Difference(changes=())
    previous = earlier.resolutions
    stayed = [resolution for resolution in previous if resolution.target.subdir in kept]
    return diff_resolutions(previous, [*resolutions, *stayed]) if previous else None


def gather_notices(requirements: Requirements, resolutions: Sequence[Resolution]) -> tuple[Notice, ...]:
    """Return what reading the inputs has to say, then what each target has, in their order."""
    of_targets = (notice for found in resolutions for notice in found.notices)
    return (*requirements.notices, *(n for n in of_targets if n.code != IDLE_OVERRIDE))


def make_lock(
    session: Session, resolutions: Sequence[Resolution], output: Path | None, drafts: Drafts | None = None
) -> CondaLock:
    """Return the lockfile of resolutions, with what the session knows of its making.

    ``drafts``: what has been made of them already, under the session's channels.
    """
    from lockfiles.addresses import locked_channel
    from lockfiles.asked_flags import FLAGS
    from lockfiles.formats.conda_lock.assemble import lock_of_resolutions
    from lockfiles.formats.conda_lock.target_keys import (
        INDEXES,
        NAME,
        OVERRIDES,
        REQUEST_HASH,
        TOOL,
        format_overrides,
    )
    from lockfiles.model import LockMetadata
    from lockfiles.request.content_hash import content_hashes
    from lockfiles.request.request_hash import request_hashes

    targets = session.targets
    custom = {TOOL: f"lockstack {VERSION}"}
    if session.requirements.name:
        custom[NAME] = session.requirements.name
    if session.flags:
        custom[FLAGS] = session.flags
    if any(resolution.pypi for resolution in resolutions):
        custom[INDEXES] = " ".join(index.name for index in session.indexes)
    if overrides := format_overrides(session.requirements.overrides):
        custom[OVERRIDES] = overrides
    has_conda = bool(session.requirements.channels) or any(resolution.conda for resolution in resolutions)
    hashes = request_hashes(session.requirements, targets, settings=session.fingerprint())
    custom |= {REQUEST_HASH + platform: value for platform, value in hashes.items()}
    metadata = LockMetadata(
        content_hash=content_hashes(
            session.requirements,
            (target.subdir for target in targets),
            virtual_packages=session.declared_virtual_packages,
        ),
        channels=tuple(locked_channel(text) for text in session.channel_texts) if has_conda else (),
        sources=relative_sources(session.files, output, session.surroundings.cwd),
        custom=custom,
    )
    return lock_of_resolutions(resolutions, metadata, drafts.packages if drafts is not None else None)
