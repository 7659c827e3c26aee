"""The flags of a run as its lockfile records them, so that a verb which locks on the way can lock as before.

Recorded is what can change an answer: settings that flags gave, groups, extras, what was said of the machine.
Not platforms, which the lockfile has anyway, nor where it was written. Text that names a place on this
machine, or an address with a secret, is withheld: only that there was such a flag is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from lockfiles.model import KEY_PREFIX
from resolver.model.redaction import strip

if TYPE_CHECKING:
    from lockfiles.machine import MachineRequest

#: The key of a lockfile's metadata.
FLAGS = KEY_PREFIX + "flags"
_NOT_RECORDED = frozenset({"platforms", "output"})
_PLACES = ("place_or_address", "addresses", "path", "tables.address_table")


class RecordedFlags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What flags said; ``withheld`` are names of settings, and of ``machine``'s fields."""

    settings: dict[str, Any] = {}
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    all_groups: bool = False
    all_extras: bool = False
    machine: dict[str, str] = {}
    withheld: tuple[str, ...] = ()


class FlaggedRequest(Protocol):
    """What is read of a request: fields of :class:`lockfiles.session.SessionRequest`."""

    @property
    def settings(self) -> Mapping[str, object]: ...  # noqa: D102
    @property
    def groups(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def extras(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def all_groups(self) -> bool: ...  # noqa: D102
    @property
    def all_extras(self) -> bool: ...  # noqa: D102
    @property
    def machine(self) -> MachineRequest: ...  # noqa: D102


def flags_of(request: FlaggedRequest) -> str:
    """Return a request's flags as JSON; empty where it has none."""
    settings: dict[str, Any] = {}
    withheld: list[str] = []
    for name, value in _deciding(request.settings):
        if _is_private(name, value):
            withheld.append(name)
        else:
            settings[name] = list(value) if isinstance(value, tuple) else value
    machine: dict[str, str] = {}
    for name in request.machine.__struct_fields__:
        value = getattr(request.machine, name)
        if value and (name == "nvidia_smi" or _is_place(value) or strip(value) != value):
            withheld.append(name)
        elif value:
            machine[name] = value
    found = RecordedFlags(
        settings=settings,
        groups=tuple(request.groups),
        extras=tuple(request.extras),
        all_groups=request.all_groups,
        all_extras=request.all_extras,
        machine=machine,
        withheld=tuple(withheld),
    )
    return (
        ""
        if found == RecordedFlags()
        else msgspec.json.encode(found, order="sorted").decode("ascii", "strict")
    )


def parse_flags(text: str) -> RecordedFlags:
    """Return what :func:`flags_of` wrote; raises ValueError for anything else."""
    try:  # `json_text` would be one module more that every run loads
        return msgspec.json.decode(text, type=RecordedFlags) if text else RecordedFlags()
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _deciding(settings: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    """Yield the settings that can change an answer, by name."""
    from lockfiles.settings.table import BY_NAME

    for name, value in sorted(settings.items()):
        row = BY_NAME.get(name)
        is_given = value is not None and value != () and value != []
        if is_given and row is not None and row.decides is not None and name not in _NOT_RECORDED:
            yield name, value


def _is_private(name: str, value: Any) -> bool:
    """Tell whether a value names a place of this machine, holds a secret, or is no plain value."""
    from lockfiles.settings.table import BY_NAME

    texts = [value] if isinstance(value, str) else value
    if isinstance(value, bool | int | float):
        return False
    if not isinstance(texts, list | tuple):
        return True
    is_place = BY_NAME[name].kind.reader in _PLACES
    return any(
        not isinstance(text, str)
        or strip(text) != text
        or _is_place(text)
        or (is_place and "://" not in text)
        for text in texts
    )


def _is_place(text: str) -> bool:
    """Tell whether a word of a text is a path, or an address of this machine."""
    return any(word.startswith((".", "/", "~", "file:")) or "\\" in word for word in text.split())
