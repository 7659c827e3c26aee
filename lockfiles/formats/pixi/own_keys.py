"""What a pixi.lock has no place for, of one that ``lock`` made: under its key ``lockstack``, by environment.

::

    lockstack:
      default:
        sources: [pixi.toml]
        channels: [conda-forge]
        keys: those of :mod:`lockfiles.formats.conda_lock.target_keys`, without `lockstack.`

rattler's reader, which is pixi's, passes over the key. pixi writes a file anew without it: then it is pixi's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from lockfiles.canonical import Node
from lockfiles.formats.conda_lock.restore import channel_name, provided_by
from lockfiles.formats.conda_lock.target_keys import (
    EDITABLE,
    EXTRAS,
    PROVIDED,
    PYTHON,
    SHARED,
    VIRTUAL_PACKAGES,
    parse_extras,
    parse_provided,
    parse_shared,
    target_of_keys,
)
from lockfiles.formats.reading import LockContent
from lockfiles.model import KEY_PREFIX, LockedChannel, LockMetadata
from resolver.model.channels import Channel
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: The key of the document.
OWN = "lockstack"


def own_keys(metadata: LockMetadata) -> dict[str, Node]:
    """Return what is written for an environment."""
    keys: dict[str, Node] = {
        name.removeprefix(KEY_PREFIX): value
        for name, value in sorted(metadata.custom.items())
        if name.startswith(KEY_PREFIX) and value
    }
    channels = [channel.url for channel in metadata.channels]
    return {"sources": list(metadata.sources), "channels": channels, "keys": keys}


def with_own_keys(document: Mapping[str, Any], environment: str, content: LockContent) -> LockContent:
    """Return an environment with what the document says besides; of another tool's file as it is.

    Raises ValueError, TypeError or AttributeError for what isn't in this form.
    """
    told = (document.get(OWN) or {}).get(environment)
    if not told:
        return content
    custom = {KEY_PREFIX + str(name): str(value) for name, value in (told.get("keys") or {}).items()}
    channels = tuple(LockedChannel(url=str(url)) for url in told.get("channels") or ())
    metadata = replace(
        content.metadata,
        sources=tuple(map(str, told.get("sources") or ())),
        channels=channels,
        custom=dict(content.metadata.custom) | custom,
    )
    names = [channel.url for channel in channels]
    resolutions = tuple(_with_keys(one, custom, names) for one in content.resolutions)
    return replace(content, resolutions=resolutions, metadata=metadata)


def _with_keys(resolution: Resolution, custom: Mapping[str, str], channels: Sequence[str]) -> Resolution:
    platform = resolution.target.subdir
    if VIRTUAL_PACKAGES + platform not in custom:
        return resolution
    extras = parse_extras(custom.get(EXTRAS + platform, ""))
    editable = frozenset(custom.get(EDITABLE + platform, "").split())
    conda = tuple(_of_channel(pin, channels) for pin in resolution.conda)
    pypi = tuple(_with_extras(pin, extras, editable) for pin in resolution.pypi)
    return replace(
        resolution,
        target=target_of_keys(custom, platform),
        python=resolution.python or custom.get(PYTHON + platform) or None,
        conda=conda,
        pypi=pypi,
        provided=provided_by(conda, pypi, parse_provided(custom.get(PROVIDED + platform, ""))),
        shared=parse_shared(custom.get(SHARED + platform, "")),
    )


def _of_channel(pin: CondaPin, channels: Sequence[str]) -> CondaPin:
    base = pin.channel.base_url
    return replace(pin, channel=Channel(name=channel_name(base, channels), base_url=base)) if base else pin


def _with_extras(pin: PypiPin, extras: Mapping[str, frozenset[str]], editable: frozenset[str]) -> PypiPin:
    direct = pin.direct
    if direct is not None and pin.name in editable:
        direct = replace(direct, editable=True)
    return replace(pin, extras=extras.get(pin.name, frozenset()), direct=direct)
