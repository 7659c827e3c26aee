"""The settings of a run that can change its answer, as plain texts for the request hash.

The table says of each setting where it counts. What stands in the target or in
the requirements is told there. Entries that are only told where a setting isn't
its default leave the hashes of all other lockfiles as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lockfiles.settings.definition import Decides
from lockfiles.settings.model import Settings
from lockfiles.settings.table import DEFINITIONS
from resolver.errors import InputError
from resolver.inputs.channels import DEFAULT_ALIAS, DEFAULTS_HOME
from resolver.model.channels import Channel
from resolver.model.digests import sha256
from resolver.model.origin import Origin
from resolver.model.redaction import strip

if TYPE_CHECKING:
    from resolver.model.indexes import Index


def fingerprint(
    settings: Settings,
    channels: Sequence[Channel],
    indexes: Sequence[Index],
    read: Callable[[str], bytes],
) -> dict[str, tuple[str, ...]]:
    """Return name -> texts in their order, without secrets; ``read`` gives the content of a file.

    Places on disk count by their last part, so that a checkout may lie anywhere, and
    files by their content. Raises InputError for a file that can't be read.
    """
    found = {
        "channels": tuple(channel.name for channel in channels),
        "indexes": tuple(index.name for index in indexes),
    }
    addresses: tuple[str, ...] = ()
    for row in DEFINITIONS:
        value = getattr(settings, row.name).value
        changed = value != row.default
        if row.decides is Decides.ALWAYS or (row.decides is Decides.CHANGED and changed):
            found[row.key] = _texts(value, read)
        elif row.decides is Decides.ADDRESSES and changed:
            addresses = tuple(text for channel in channels for text in _address(channel))
    if addresses:
        found["channel-addresses"] = addresses
    return found


def _texts(value: Any, read: Callable[[str], bytes]) -> tuple[str, ...]:
    """Return a setting's value as texts."""
    match value:
        case bool():
            return ("yes",) if value else ()
        case int() | float():
            return (f"{value:g}",)
        case Path():
            return (_digest(value, read),)
        case str():
            return (value,)
        case Mapping():
            return tuple(
                f"{name}={_place(item) if isinstance(item, str) else ' '.join(item)}"
                for name, item in sorted(value.items())
            )
    return tuple(_place(item) for item in value)


def _digest(path: Path, read: Callable[[str], bytes]) -> str:
    try:
        return sha256(read(str(path))).hexdigest()
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror or error}", Origin(file=str(path))) from None


def _place(text: str) -> str:
    """Return an address without secrets, the last part of a folder, or a name as it is."""
    if "://" in text and not text.startswith("file:"):
        return strip(text)
    parts = [part for part in Path(text.removeprefix("file:")).parts if part not in ("/", ".", "..")]
    return parts[-1] if parts else text


def _address(channel: Channel) -> tuple[str, ...]:
    """Return ``name=address`` of a channel that lies elsewhere than where conda has it."""
    home = DEFAULTS_HOME if channel.name.startswith("pkgs/") else DEFAULT_ALIAS
    base = channel.base_url
    if base in (channel.name, f"{home}/{channel.name}"):
        return ()
    if not base.startswith("file:"):
        return (f"{channel.name}={strip(base)}",)
    above = base.removesuffix(f"/{channel.name}")
    return (f"{channel.name}={_place(above)}{base[len(above) :]}",)
