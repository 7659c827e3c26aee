"""A request with the flags that a lockfile records: what flags said then, and nothing says now, counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from lockfiles.asked_flags import FLAGS, RecordedFlags, parse_flags
from lockfiles.machine import MachineRequest
from lockfiles.session import SessionRequest
from lockfiles.settings.setting import Layer
from lockfiles.settings.table import BY_NAME
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.model import LockMetadata
    from lockfiles.settings.model import Settings

R = TypeVar("R", bound=SessionRequest)

#: Layers of what was written for this run.
SAID = frozenset({Layer.FLAG, Layer.ENVIRONMENT, Layer.FILE})


def read_flags(metadata: LockMetadata, file: str) -> RecordedFlags:
    """Return what a lockfile records; raises InputError where that can't be read."""
    import msgspec

    try:
        return parse_flags(metadata.custom.get(FLAGS, ""))
    except (msgspec.MsgspecError, ValueError) as error:
        raise InputError(f"`{FLAGS}` can't be read: {error}", Origin(file=file)) from None


def missing_flags(request: SessionRequest, settings: Settings, flags: RecordedFlags) -> Iterator[str]:
    """Yield the flags that were withheld from the lockfile, and that nothing says now."""
    for name in flags.withheld:
        is_machine = name in MachineRequest.__struct_fields__
        is_said = request.machine.says_something if is_machine else getattr(settings, name).layer in SAID
        if not is_said:
            yield f"--{name.replace('_', '-')}" if is_machine else BY_NAME[name].source


def with_flags(request: R, settings: Settings, flags: RecordedFlags) -> R:
    """Return the request with recorded flags where nothing is said now; groups and extras add up."""
    given = {name: value for name, value in request.settings.items() if value not in (None, (), [])}
    recorded = {
        name: value
        for name, value in flags.settings.items()
        if name in BY_NAME and name not in given and _counts(name, settings)
    }
    machine = request.machine
    if not machine.says_something and flags.machine:
        known = {name: text for name, text in flags.machine.items() if name in machine.__struct_fields__}
        machine = MachineRequest(**known)
    return replace(
        request,
        settings=recorded | given,
        machine=machine,
        groups=tuple(dict.fromkeys((*flags.groups, *request.groups))),
        extras=tuple(dict.fromkeys((*flags.extras, *request.extras))),
        all_groups=request.all_groups or flags.all_groups,
        all_extras=request.all_extras or flags.all_extras,
    )


def _counts(name: str, settings: Settings) -> bool:
    """Tell whether a recorded flag counts: nothing else says the setting now, or what is said adds up."""
    return BY_NAME[name].adds_up or getattr(settings, name).layer not in SAID
