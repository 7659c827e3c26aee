"""Lock, and write down all that the answer rests on."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from lockfiles.files import exists, is_file, read_bytes
from lockfiles.listener import Listener
from lockfiles.locking import Locked, LockRequest
from lockfiles.places import SEVERAL
from lockfiles.recording.form import MOST, Record, RecordedEnd, write_recording
from lockfiles.recording.noting import Noting, clean_file, given_settings, variables_of
from lockfiles.session import read_settings
from lockfiles.version import VERSION
from resolver.errors import InputError, LockstackError, OutputError
from resolver.model.origin import Origin
from resolver.sources.tape import Recorder

if TYPE_CHECKING:
    from lockfiles.settings.model import Settings
    from lockfiles.several.locking import LockedSeveral
    from lockfiles.surroundings import Surroundings
    from resolver.model.credentials import SecretAddress

#: Raw settings of the request that are looked at besides the settings.
_ASKED = ("platforms", "python", "virtual_packages")


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the lock (one of the two), and whether the recording gives the same again."""

    locked: Locked | LockedSeveral | None
    error: LockstackError | None
    difference: str | None  #: why it doesn't, in words; None: it does
    unsteady: tuple[str, ...] = ()  #: addresses that answered in two ways meanwhile; the last one is recorded


def record(request: LockRequest, place: Path, listener: Listener | None = None) -> Recorded:
    """Lock without any cache, write all that was consulted into one file, and solve again from it.

    A request for several environments is one recording. Credentials are left out. Raises InputError for
    what can't be recorded, and OutputError.
    """
    from lockfiles.recording.replay import lock_any, replay

    settings = read_settings(request)
    _check(request, settings, place)
    around = request.surroundings
    with tempfile.TemporaryDirectory(prefix="lockstack-record-") as folder:
        bodies = Path(folder)
        noting = Noting(Recorder(bodies, MOST), around.cwd)
        watched = replace(around, tape=noting)
        before = _earlier(request, settings, noting)
        locked, error = None, None
        try:
            locked = lock_any(replace(request, surroundings=watched, settled=settings), listener)
        except LockstackError as found:
            error = found
        made, held = _record(request, settings, noting, before, around, locked, error)
        files = {"stdin" if name == "-" else name: data for name, data in held.items()}
        try:
            write_recording(place, made, files, bodies, locked.text if locked is not None else None)
        except OSError as fault:
            raise OutputError(str(place), fault.strerror or str(fault)) from None
    return Recorded(
        locked=locked,
        error=error,
        difference=replay(str(place)).difference,
        unsteady=tuple(noting.recorder.unsteady()),
    )


def _check(request: LockRequest, settings: Settings, place: Path) -> None:
    """Raise InputError for what no file can hold."""
    if exists(place) and not is_file(place):
        raise InputError("is there, and no file", Origin(file=str(place)), "Name another file.")
    what = None
    if settings.this_machine.value:
        what = "`--this-machine`: write its virtual packages down (`--virtual-package`)"
    elif settings.offline.value:
        what = "`--offline`: nothing would be asked"
    elif request.machine.nvidia_smi or _is_file(request.machine.image):
        what = "a machine that files describe: say it with `--vm-size`, `--cuda` and `--glibc`"
    if what is not None:
        raise InputError(f"can't be used with {what}", Origin(file="--record"))


def _is_file(image: str | None) -> bool:
    return image is not None and exists(image)


def _earlier(request: LockRequest, settings: Settings, noting: Noting) -> str:
    """Return the absolute place of the lockfile, and note what stands there."""
    from lockfiles.places import default_output
    from lockfiles.several.planning import plan

    asked = settings.output.value
    if asked is not None and str(asked) == "-":
        return ""
    several = plan(request, settings)
    place = noting.absolute((several and several.output) or asked or default_output(request.files))
    if is_file(place):
        noting.note_file(place, read_bytes(place))
    if settings.name_map.value is not None:
        path = noting.absolute(settings.name_map.value)
        noting.note_file(path, read_bytes(path))
    return place


def _record(
    request: LockRequest,
    settings: Settings,
    noting: Noting,
    output: str,
    around: Surroundings,
    locked: Locked | LockedSeveral | None,
    error: LockstackError | None,
) -> tuple[Record, dict[str, bytes]]:
    from resolver.sources.http.credentials import Credentials

    names = [noting.absolute(name) for name in request.files if name != "-"]
    folders = {os.path.dirname(path) for path in (*names, *noting.files, output) if path not in ("", "-")}  # noqa: PTH120
    base = os.path.commonpath(folders) if folders else str(around.cwd)

    def relative(path: str) -> str:
        return path if path in ("", "-") else Path(os.path.relpath(path, base)).as_posix()

    credentials = Credentials(around.environ)
    for secret in _secrets(locked):
        credentials.learn(secret.url, channel=secret.is_channel)
    files = {relative(path): clean_file(data) for path, data in noting.files.items()}
    asked: dict[str, Any] = {
        name: request.settings[name] for name in _ASKED if request.settings.get(name) not in (None, (), [])
    }
    given = given_settings(settings)
    name_map = settings.name_map.value
    made = Record(
        program=VERSION,
        today=around.today(),
        files=tuple("-" if name == "-" else relative(noting.absolute(name)) for name in request.files),
        held=tuple(sorted(name for name in files if name != "-")),
        output=relative(output),
        lockfile="conda-lock.yml" if locked is None or isinstance(locked, Locked) else SEVERAL,
        is_output_asked=settings.output.value is not None,
        request={
            "update": request.update,
            "update_all": request.update_all,
            "drop_platforms": request.drop_platforms,
            "extras": request.extras,
            "groups": request.groups,
            "all_extras": request.all_extras,
            "all_groups": request.all_groups,
            "environments": request.environments,
            "all_environments": request.all_environments,
            "drop_environments": request.drop_environments,
            "settings": asked,
            "name_map": relative(noting.absolute(name_map)) if name_map is not None else None,
        },
        machine=msgspec.structs.asdict(request.machine),
        settings=given,
        environ=variables_of(around.environ, noting.files.values(), credentials.redact),
        answers=tuple(noting.recorder.answers()),
        outcome=RecordedEnd(
            exit_code=0 if error is None else error.exit_code,
            error=None if error is None else credentials.redact(str(error)),
        ),
    )
    return made, files


def _secrets(locked: Locked | LockedSeveral | None) -> tuple[SecretAddress, ...]:
    """Return the addresses with credentials of all that was locked."""
    if locked is None:
        return ()
    if isinstance(locked, Locked):
        return locked.session.secrets
    sessions = [one.session for one in locked.environments]
    return tuple(secret for session in sessions for secret in session.secrets)
