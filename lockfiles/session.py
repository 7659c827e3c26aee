"""From files and settings to a question for the resolver: requirements, targets, channels, indexes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lockfiles.machine import MachineRequest
from lockfiles.surroundings import STDIN, Surroundings
from resolver.model.loggers import lazy_logger

if TYPE_CHECKING:
    from lockfiles.settings.model import Settings
    from resolver.model.channels import Channel
    from resolver.model.credentials import SecretAddress
    from resolver.model.indexes import Index
    from resolver.model.names import PypiName
    from resolver.model.notices import Notice
    from resolver.model.requirements import Requirements
    from resolver.model.target import Target, VirtualPackage

logger = lazy_logger(__name__)

#: Where nothing says for which platform to lock.
DEFAULT_PLATFORM = "linux-64"


class SessionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Files, and what stands beside them.

    ``files`` as typed, ``-`` being standard input. ``extras`` and
    ``groups`` of project files come in beside their main requirements. ``settings`` are those given with the
    request: name (a field of :class:`Settings`) -> raw value, as a flag or a
    settings file would hold it; they win over all other places.
    """

    files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    all_extras: bool = False
    all_groups: bool = False
    environments: tuple[str, ...] = ()  #: of a pixi manifest; read together by :func:`open_session`
    all_environments: bool = False
    settings: Mapping[str, object] = msgspec.field(default_factory=dict)
    machine: MachineRequest = MachineRequest()
    settled: Settings | None = None  #: settings in place of those of all places; ``settings`` are among them
    surroundings: Surroundings = msgspec.field(default_factory=Surroundings)

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that the request itself asks for, as written; empty where it asks for none."""
        asked: Any = self.settings.get("platforms") or ()
        return tuple(re.split(r"[\s,]+", asked.strip()) if isinstance(asked, str) else map(str, asked))

    @property
    def python(self) -> str | None:
        """The Python that the request itself asks for, as written; raises InputError for several."""
        asked: Any = self.settings.get("python") or ()
        words = asked.split(",") if isinstance(asked, str) else [str(one) for one in asked]
        if len(words) > 1:
            from resolver.errors import InputError

            raise InputError(f"`--python`: one is meant, not {', '.join(words)}")
        return words[0] if words else None

    @property
    def asked_groups(self) -> tuple[str, ...] | None:
        """Extras and groups to take of a lockfile that names some; None: all."""
        named = (*self.extras, *self.groups)
        return named if named and not (self.all_extras or self.all_groups) else None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one run asks for.

    ``secrets`` are addresses with credentials, for the resolver alone.
    """

    files: tuple[str, ...]
    requirements: Requirements
    settings: Settings
    targets: tuple[Target, ...]
    channels: tuple[Channel, ...]
    channel_texts: tuple[str, ...]  #: as written, for the lockfile
    indexes: tuple[Index, ...]
    secrets: tuple[SecretAddress, ...]
    surroundings: Surroundings
    flags: str = ""  #: what flags said that can change an answer, for the lockfile
    has_declared_machine: bool = False  #: whether virtual packages are other than the default profile's

    def __repr__(self) -> str:
        return f"{type(self).__name__}(files={self.files!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("files", self.files)]

    @property
    def declared_virtual_packages(self) -> dict[str, tuple[Any, ...]] | None:
        """Virtual packages by platform where the user declared any; None with the default profile."""
        if not self.has_declared_machine:
            return None
        return {target.subdir: target.virtual_packages for target in self.targets}

    def fingerprint(self) -> dict[str, tuple[str, ...]]:
        """Return the settings that decide an answer beside the requirements and targets, without secrets.

        Raises InputError for a file that counts and can't be read.
        """
        from lockfiles.settings.fingerprint import fingerprint

        return fingerprint(self.settings, self.channels, self.indexes, self.surroundings.read)


def read_settings(request: SessionRequest) -> Settings:
    """Return the settings of a run; of settings files those nearest to the first input file count.

    Raises InputError for a name that is no setting, InputErrors for values.
    """
    from lockfiles.settings.model import load_settings

    _check_names(request.settings)
    if request.settled is not None:
        return request.settled
    around = request.surroundings
    first = next((Path(name) for name in request.files if name != STDIN), None)
    return load_settings(
        request.settings, around.environ, first, around.home, around.cwd, prefix=around.python_prefix
    )


def _check_names(settings: Mapping[str, object]) -> None:
    from lockfiles.settings.model import Settings

    unknown = next((name for name in settings if name not in Settings.__struct_fields__), None)
    if unknown is not None:
        from resolver.errors import InputError
        from resolver.inputs.faults import did_you_mean

        raise InputError(f"no setting `{unknown}`", hint=did_you_mean(unknown, Settings.__struct_fields__))


def open_session(request: SessionRequest, requirements: Requirements | None = None) -> Session:
    """Read inputs and settings, and resolve platforms, channels and indexes to their values.

    ``requirements`` stand in place of what the files ask for, which are then not
    read. Raises InputError or InputErrors for every fault in inputs, settings and flags.
    """
    from resolver.errors import InputError

    _check_names(request.settings)
    try:
        return _open(request, requirements)
    except InputError as error:
        from lockfiles.machine import describe_request
        from lockfiles.session_faults import told_together

        raise told_together(
            error,
            lambda: read_settings(request),
            lambda: _check_files(request) if requirements is None else None,
            lambda: describe_request(request.machine) if request.machine.says_something else None,
        ) from None


def _check_files(request: SessionRequest) -> None:
    """Read what the files say, channels too; no address is asked. Raises as their readers do."""
    from resolver.inputs.channels import resolve_channels

    asked = read_inputs(request, None)
    resolve_channels(asked.channels, environ=request.surroundings.environ)


def _open(request: SessionRequest, requirements: Requirements | None) -> Session:
    from lockfiles.idle_settings import cancelled
    from lockfiles.session_sources import (
        find_channels,
        find_indexes,
        said_of_channels,
        with_indexes_of_targets,
        with_overriding_channels,
        with_set_overrides,
    )
    from resolver.inputs.default_python import said_of_python, with_wanted_python

    settings = read_settings(request)
    asked = read_inputs(request, settings) if requirements is None else requirements
    asked = with_overriding_channels(with_set_overrides(asked, settings), settings)
    python = settings.one_python
    asked = with_wanted_python(asked, python, settings.python.source)
    said = said_of_python(asked, python)
    said = (*said, *_check_hashes(asked, settings))
    targets = _targets(asked, settings, request)
    asked = with_indexes_of_targets(asked, targets)
    channels, secrets, texts = find_channels(asked, settings, targets, request.surroundings.environ)
    said = (*said, *said_of_channels(asked, settings, channels), *cancelled(settings, asked))
    if said:
        asked = msgspec.structs.replace(asked, notices=(*asked.notices, *said))
    return Session(
        files=request.files or asked.files,
        requirements=asked,
        settings=settings,
        targets=targets,
        channels=channels,
        channel_texts=texts,
        indexes=find_indexes(asked, settings),
        secrets=(*asked.secrets, *secrets),
        surroundings=request.surroundings,
        flags=_flags(request),
        has_declared_machine=bool(settings.virtual_packages.value or asked.virtual_packages)
        or settings.this_machine.value
        or request.machine.says_something,
    )


def _flags(request: SessionRequest) -> str:
    """Return what the lockfile records of the request's flags; most runs have none that count."""
    from lockfiles.settings.table import BY_NAME

    deciding = (name for name, value in request.settings.items() if value and BY_NAME[name].decides)
    chosen = request.groups or request.extras or request.all_groups or request.all_extras
    said = any(getattr(request.machine, name) for name in request.machine.__struct_fields__)
    if not (chosen or said or set(deciding) - {"platforms"}):
        return ""
    from lockfiles.asked_flags import flags_of

    return flags_of(request)


def log_notices(session: Session) -> None:
    """Log what reading the inputs has to say: for outcomes that have no place for notices."""
    for notice in session.requirements.notices:
        logger.warning("%s", notice.text)


def _check_hashes(requirements: Requirements, settings: Settings) -> tuple[Notice, ...]:
    """Raise InputErrors for lines without a hash where all need one; else say that some have one."""
    asked = settings.require_hashes
    are_all_asked = asked.value or requirements.indexes.require_hashes
    if not (are_all_asked or any(line.hashes for line in requirements.pypi)):
        return ()
    from resolver.inputs.required_hashes import check_required_hashes, said_of_hashes

    if not are_all_asked:
        return said_of_hashes(requirements.pypi)
    source = "`--require-hashes`" if requirements.indexes.require_hashes else f"`{asked.source}`"
    check_required_hashes(requirements.pypi, source)
    return ()


def read_inputs(request: SessionRequest, settings: Settings | None) -> Requirements:
    """Return what the files ask for; without settings no address is asked."""
    from resolver.errors import OfflineError
    from resolver.inputs.groups import GroupChoice
    from resolver.inputs.reading import parse_inputs
    from resolver.inputs.urls import is_url

    def conda_name_of(project: PypiName) -> str:
        from resolver.constraints.name_map import NameMap

        return NameMap.load(settings.name_map.value if settings else None).best_conda_name(project)

    around = request.surroundings
    chosen = GroupChoice(
        extras=request.extras,
        groups=request.groups,
        all_extras=request.all_extras,
        all_groups=request.all_groups,
        environments=request.environments,
    )

    def read(name: str) -> bytes:
        if not is_url(name):
            return around.read(name)
        if settings is None:
            raise OfflineError("isn't asked", name)
        from lockfiles.addressed_files import fetch_file

        return fetch_file(name, settings, around)

    return parse_inputs(
        request.files,
        read,
        environ=around.environ,
        groups=chosen,
        conda_name_of=conda_name_of,
        folders=around.folders if around.tape is None else None,
    )


def _targets(requirements: Requirements, settings: Settings, request: SessionRequest) -> tuple[Target, ...]:
    from lockfiles.session_sources import overrides_input
    from resolver.inputs.default_python import python_of_target
    from resolver.inputs.target import build_targets
    from resolver.model.target import ResolutionMode

    asked = settings.platforms
    platforms = asked.value if overrides_input(asked.layer) else requirements.platforms or asked.value
    platforms = platforms or (DEFAULT_PLATFORM,)
    return build_targets(
        platforms,
        requests=_virtual_package_requests(platforms, settings, request, requirements),
        environ=request.surroundings.environ,
        facts=_machine_facts if settings.this_machine.value else None,
        channel_priority=settings.channel_priority.value,
        resolution_mode=ResolutionMode(settings.resolution.value),
        python=python_of_target(requirements, settings.one_python),
        exclude_newer=_limit_in_time(settings, request.surroundings),
    )


def _limit_in_time(settings: Settings, around: Surroundings) -> int | None:
    """Return the moment after which nothing counts, seconds since 1970; an age is counted from today."""
    value = settings.exclude_newer.value
    if value is None or isinstance(value, int):
        return value
    today = around.today()
    if today is None:
        from resolver.errors import InputError

        raise InputError(
            f"`exclude-newer` is an age (`{value.text}`), and nobody says what day it is",
            hint="Give a date, or surroundings that know today's.",
        )
    return value.before(today)


def _machine_facts(subdir: str) -> Sequence[VirtualPackage] | None:
    """Return what this machine is, where it is of that platform (the setting ``this_machine``)."""
    import sys

    from lockfiles.this_machine import virtual_packages_here

    sys.audit("lockstack.unrepeatable")
    return virtual_packages_here(subdir)


def _of_input(requirements: Requirements, platforms: Sequence[str]) -> tuple[str, ...]:
    """Return what the input says of the target, where a platform can have it."""
    from resolver.inputs.virtual_packages import parse_virtual_package

    return tuple(
        text
        for text in requirements.virtual_packages
        if any(parse_virtual_package(text).applies_to(subdir) for subdir in platforms)
    )


def _virtual_package_requests(
    platforms: Sequence[str], settings: Settings, request: SessionRequest, requirements: Requirements
) -> tuple[str, ...]:
    """Return requests for virtual packages, later ones winning: input, settings, described machine, flags."""
    asked = (*_of_input(requirements, platforms), *settings.virtual_packages.value)
    if not request.machine.says_something:
        return asked
    from lockfiles.machine import describe_request, virtual_package_requests
    from lockfiles.settings.values import Where, virtual_packages

    described = virtual_package_requests(describe_request(request.machine, requirements.image), platforms)
    flags = virtual_packages(request.settings.get("virtual_packages") or (), Where())
    return (*(text for text in asked if text not in flags), *described, *flags)
