"""Jobs of a fleet: one file, what is done with it, and with which settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.fleet.causes import Failure, cause_of
from lockfiles.fleet.records import OUTCOMES, FleetRecord
from lockfiles.fleet.upkeep.rules import MoveRules
from lockfiles.locking import LockRequest
from lockfiles.places import default_output
from lockfiles.regular_files import read_whole
from lockfiles.session import read_settings
from lockfiles.settings.nearest import SettingsFile, nearest_files
from lockfiles.surroundings import STDIN, Surroundings
from lockfiles.version import VERSION

if TYPE_CHECKING:
    from lockfiles.fleet.finding import FoundFiles
    from lockfiles.settings.model import Settings

#: What can be done with a file, in the order in which it is done.
WORKS = ("fresh", "lock", "update", "check", "hash")
#: Bytes of a file that are read for its key; what is larger is no input, and its job says so.
_LARGEST = 64 << 20


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One file's work. It goes to other processes: no surroundings, and no secret but in flags.

    ``like`` is the record of an earlier job of the same bytes, settings and name that had no solution.
    ``settings_files`` are those that hold for the file, as this run sees them.
    """

    number: int  #: place in the fleet's order, from 0
    request: LockRequest  #: with this one file, and without surroundings
    key: str  #: of the file's bytes, the work and the settings: 64 hex digits
    work: tuple[str, ...] = ("lock",)
    dry_run: bool = False
    attempt: int = 1
    deaths: int = 0  #: workers that died with it
    twin: str = ""  #: what jobs have in common that may have one answer; empty: nothing
    like: FleetRecord | None = None
    rules: MoveRules = MoveRules()  #: what must move, for the work ``update``
    settings_files: tuple[str, ...] = ()
    run: str = ""  #: the run's word in names of temporary files (:mod:`lockfiles.fleet.leftovers`)

    @property
    def file(self) -> str:
        """The one file."""
        return self.request.files[0]


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """The jobs of a fleet, and the records of files that come to no job."""

    jobs: tuple[Job, ...]
    records: tuple[tuple[int, FleetRecord], ...] = ()  #: with their places in the fleet's order
    places: Mapping[str, Path] = msgspec.field(default_factory=dict)  #: file -> lockfile that may be written


def plan_jobs(
    found: FoundFiles,
    template: LockRequest,
    work: tuple[str, ...],
    *,
    dry_run: bool,
    rules: MoveRules | None = None,
) -> Planned:
    """Return one job a file, in order; what can't be one is a record.

    ``template``: everything that is asked for but the files. ``rules``: what must move. Settings are those of
    the nearest settings file of each. Of two files whose lockfiles would stand in one place, the second one
    gets a record that says so.
    """
    folders = _Folders(template)
    jobs: list[Job] = []
    records: list[tuple[int, FleetRecord]] = []
    places: dict[Path, str] = {}
    bare = replace(template, surroundings=Surroundings())
    rules = rules or MoveRules()
    for number, name in enumerate(found.files):
        failure = folders.clash_of(name, places) if {"lock", "update"} & {*work} and not dry_run else None
        if failure is not None:
            record = failed_record(name, 2, failure, work)
            records.append((number, replace(record, settings_files=folders.files_of(name))))
            continue
        data, state, files = _bytes_of(name), folders.state_of(name), folders.files_of(name)
        key = _digest(VERSION, name, data, " ".join(work), str(dry_run), repr(rules), state, repr(files))
        twin = _digest(Path(name).name, data, state) if data is not None else ""
        one = replace(bare, files=(name,))
        job = Job(
            number=number, request=one, key=key, work=work, dry_run=dry_run, twin=twin, rules=rules,
            settings_files=files,
        )  # fmt: skip
        jobs.append(job)
    for number, unread in enumerate(found.unread, len(found.files)):
        failure = Failure(kind="InputError", message=unread.reason, file=unread.file, cause=unread.reason)
        records.append((number, failed_record(unread.file, 2, failure, work)))
    written = {name: place for place, name in places.items()}
    return Planned(jobs=tuple(jobs), records=tuple(records), places=written)


def failed_record(file: str, code: int, failure: Failure, work: tuple[str, ...]) -> FleetRecord:
    """Return the record of a file that one failure ended."""
    return FleetRecord(file=file, code=code, outcome=OUTCOMES[code], work=work, failures=(failure,))


class _Folders:
    """Settings that hold in each folder; each settings file is read for them once."""

    def __init__(self, template: LockRequest) -> None:
        self._template = template
        self._nearest: dict[Path, tuple[SettingsFile, ...]] = {}
        self._settings: dict[tuple[tuple[Path, bool], ...], Settings | str] = {}
        self._states: dict[tuple[tuple[Path, bool], ...], str] = {}

    def _nearest_of(self, name: str) -> tuple[SettingsFile, ...]:
        folder = Path(name).parent
        if folder not in self._nearest:
            found = nearest_files(Path(name), self._template.surroundings.cwd)
            self._nearest[folder] = tuple(one._replace(raw=b"") for one in found)
        return self._nearest[folder]

    def files_of(self, name: str) -> tuple[str, ...]:
        """Return the settings files that hold for a file."""
        return tuple(one.path.as_posix() for one in self._nearest_of(name))

    def _key_of(self, name: str) -> tuple[tuple[Path, bool], ...]:
        return tuple((one.path, one.is_own) for one in self._nearest_of(name))

    def _of(self, name: str) -> Settings | str:
        """Return the settings of a file, or why they can't be read: its own job will meet that."""
        from resolver.errors import InputError

        key = self._key_of(name)
        if key not in self._settings:
            try:
                self._settings[key] = read_settings(replace(self._template, files=(name,)))
            except InputError as error:
                self._settings[key] = str(error)
        return self._settings[key]

    def state_of(self, name: str) -> str:
        """Return what tells the settings of a file from all others; without their places."""
        key = self._key_of(name)
        if key not in self._states:
            self._states[key] = _digest(_values(self._of(name)), repr(_asked(self._template)))
        return self._states[key]

    def clash_of(self, name: str, places: dict[Path, str]) -> Failure | None:
        """Return why a file can't have a lockfile of its own; its place is taken note of otherwise."""
        settings = self._of(name)
        if isinstance(settings, str):
            return None
        asked = settings.output
        place = asked.value or default_output((name,))
        if str(place) == STDIN:
            message = f"{asked.source}: standard output can't hold a lockfile of each file"
            hint = "Leave the setting `output` out: each lockfile stands beside its file."
        else:
            other = places.setdefault(place, name)
            if other == name:
                return None
            message = f"the lockfiles of `{other}` and `{name}` would both be `{place}`"
            hint = "Leave the setting `output` out, or give the files names that differ before the dot."
        cause = cause_of(message)
        return Failure(kind="InputError", message=message, hint=hint, file=name, cause=cause)


def _values(settings: Settings | str) -> str:
    """Return the values of all settings as text; where they come from takes no part."""
    if isinstance(settings, str):
        return settings
    fields = ((name, getattr(settings, name)) for name in settings.__struct_fields__)
    return repr([(name, getattr(field, "value", field)) for name, field in fields])


def _asked(template: LockRequest) -> tuple[object, ...]:
    """Return what a request asks for beside files and settings."""
    left = ("files", "settings", "settled", "surroundings")
    return tuple((n, getattr(template, n)) for n in template.__struct_fields__ if n not in left)


def _bytes_of(name: str) -> bytes | None:
    """Return what a file holds; None where it can't be read (a pipe, a device), or is too large."""
    try:
        data = read_whole(name, _LARGEST + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= _LARGEST else None


def _digest(*parts: str | bytes | None) -> str:
    found = hashlib.sha256()
    for part in parts:
        data = (
            b"\0"
            if part is None
            else part.encode("utf-8", "surrogatepass")
            if isinstance(part, str)
            else part
        )
        found.update(len(data).to_bytes(8, "little") + data)
    return found.hexdigest()
