"""Lock: files and settings in, a lockfile and what it changes out. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.listener import Listener
from lockfiles.places import find_output, relative_sources
from lockfiles.session import Session, SessionRequest, open_session
from lockfiles.version import VERSION

if TYPE_CHECKING:
    from lockfiles.difference import Difference
    from lockfiles.model import CondaLock
    from resolver.model.notices import Notice
    from resolver.model.requirements import Requirements
    from resolver.model.resolution import Resolution


class LockRequest(SessionRequest, frozen=True, kw_only=True):
    """What to lock, and which of the earlier lockfile's pins may move.

    The earlier lockfile is what stands at the setting ``output``, or where nothing
    sets it, beside the first file. Its pins are tried first, but for packages named
    in ``update``; ``update_all`` forgets all of them.
    """

    update: tuple[str, ...] = ()
    update_all: bool = False


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
    3. Compare.

    What the earlier lockfile holds is taken apart only where that matters: not where
    all pins are forgotten and the new text is the same. Raises InputError,
    SourceError and NoSolutionError.
    """
    from lockfiles.difference import Difference, diff_resolutions
    from lockfiles.files import read_text
    from lockfiles.formats.conda_lock.text import format_conda_lock
    from lockfiles.solving import solve
    from lockfiles.update import preferred_pins

    listener = listener or Listener()
    session = open_session(request)
    output = find_output(session)
    earlier = read_text(output) if output is not None and output.is_file() else ""
    previous: tuple[Resolution, ...] | None = None
    if not request.update_all or request.update or not _looks_like_a_lock(earlier):
        previous = _previous(earlier, output, listener)
        _warn_of_unknown_updates(previous, request.update, listener)
    preferred = preferred_pins(previous or (), update=request.update, update_all=request.update_all)
    updated = request.update if previous and not request.update_all else ()
    resolutions = solve(session, listener, preferred=preferred, updated=tuple(sorted(updated)))
    made = make_lock(session, resolutions, output)
    text = format_conda_lock(made)
    if text == earlier:
        difference: Difference | None = Difference(changes=())
    else:
        previous = _previous(earlier, output, listener) if previous is None else previous
        difference = diff_resolutions(previous, resolutions) if previous else None
    return Locked(
        session=session,
        resolutions=resolutions,
        lock=made,
        text=text,
        output=output,
        earlier=earlier,
        difference=difference,
        notices=gather_notices(session.requirements, resolutions),
    )


def gather_notices(requirements: Requirements, resolutions: Sequence[Resolution]) -> tuple[Notice, ...]:
    """Return what reading the inputs has to say, then what each target has, in their order."""
    return (*requirements.notices, *(notice for found in resolutions for notice in found.notices))


def _looks_like_a_lock(text: str) -> bool:
    from resolver.inputs.file_kinds import kind_of

    kind = kind_of(text, "conda-lock.yml")
    return kind is not None and kind.id == "conda_lock"


def _previous(text: str, output: Path | None, listener: Listener) -> tuple[Resolution, ...]:
    """Return what the text of the file at ``output`` says; nothing where there is none.

    Raises InputError for a file that is no lockfile: it isn't ours to overwrite.
    """
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock
    from lockfiles.formats.conda_lock.text import read_conda_lock
    from resolver.errors import InputError

    if not text.strip():
        return ()
    try:
        return resolutions_of_lock(read_conda_lock(text, str(output)), str(output))
    except InputError as error:
        if _looks_like_a_lock(text):  # a damaged lockfile: its place is ours
            listener.warn(f"{error}\nThe earlier lockfile can't be read: nothing of it is kept.", error.hint)
            return ()
        raise InputError(
            "exists, and is no lockfile",
            error.origin,
            "Choose another place with `--output`, or delete the file.",
        ) from error


def _warn_of_unknown_updates(
    previous: Sequence[Resolution], update: Sequence[str], listener: Listener
) -> None:
    from lockfiles.update import unknown_updates

    for name in unknown_updates(previous, update) if previous else ():
        listener.warn(f"`--update {name}`: the earlier lockfile has no such package")


def make_lock(session: Session, resolutions: Sequence[Resolution], output: Path | None) -> CondaLock:
    """Return the lockfile of resolutions, with what the session knows of its making."""
    from lockfiles.addresses import locked_channel
    from lockfiles.formats.conda_lock.assemble import lock_of_resolutions
    from lockfiles.formats.conda_lock.target_keys import INDEXES, REQUEST_HASH, TOOL
    from lockfiles.model import LockMetadata
    from lockfiles.request.content_hash import content_hashes
    from lockfiles.request.request_hash import request_hashes

    targets = session.targets
    custom = {TOOL: f"lockstack {VERSION}"}
    if any(resolution.pypi for resolution in resolutions):
        custom[INDEXES] = " ".join(index.name for index in session.indexes)
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
    return lock_of_resolutions(resolutions, metadata)
