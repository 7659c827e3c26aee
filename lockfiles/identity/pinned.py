"""A resolution as a fully pinned conda definition, in one order and spelling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lockfiles.identity.credentials import redact
from resolver.errors import InputError
from resolver.model.redaction import strip
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: Where the interpreter comes from when a resolution of pip packages alone names no channel.
FALLBACK_CHANNEL = "conda-forge"

#: Members of ``defaults``, in its own order.
_DEFAULTS = ("pkgs/main", "pkgs/r", "pkgs/msys2")


def pinned_conda(
    resolution: Resolution, *, channels: Sequence[str] = (), hashes: bool = False, indexes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the conda definition that installs a resolution and nothing else.

    ``channels`` gives their order (those used and not named follow by name);
    conda items stand by name as ``name=version=build``, with their channel
    where several are in use; pip lines stand by name behind ``indexes``.
    Raises InputError for a package that only this machine has.
    """
    used = sorted({pin.channel.name for pin in resolution.conda})
    asked = [member for name in channels for member in (_DEFAULTS if name == "defaults" else (name,))]
    order = list(dict.fromkeys([*(name for name in asked if name in used), *used]))
    items: list[Any] = [_conda_item(pin, named=len(used) > 1) for pin in sorted(resolution.conda, key=_name)]
    names = {pin.record.name for pin in resolution.conda}
    if resolution.python and "python" not in names:
        items.append(f"python={resolution.python}")
        order = order or [FALLBACK_CHANNEL]
    pip = [_pip_line(pin, hashes=hashes) for pin in sorted(resolution.pypi, key=lambda pin: pin.name)]
    if pip:
        if "pip" not in names and not any(pin.name == "pip" for pin in resolution.pypi):
            items.append("pip")
        items.append({"pip": [*(f"--extra-index-url {redact(index)}" for index in indexes), *pip]})
    return {"channels": [redact(name) for name in order], "dependencies": items}


def _name(pin: CondaPin) -> str:
    return pin.record.name


def _conda_item(pin: CondaPin, *, named: bool) -> str:
    record = pin.record
    if pin.source:
        hint = "Build it, and put it on a channel."
        raise InputError(f"`{record.name}` is built from `{pin.source}`, which no channel has", hint=hint)
    if not pin.channel.base_url:
        hint = "Put it on a channel."
        raise InputError(f"`{record.name}` comes from `{pin.url}`, which only this machine has", hint=hint)
    text = f"{record.name}={record.version}={record.build}"
    return f"{redact(pin.channel.name)}::{text}" if named else text


def _pip_line(pin: PypiPin, *, hashes: bool) -> str:
    extras = f"[{','.join(sorted(pin.extras))}]" if pin.extras else ""
    if pin.direct is not None and pin.direct.path is not None:
        hint = "Put the wheel on an index, or upload it where the build can reach it."
        raise InputError(
            f"`{pin.name}` comes from `{pin.direct.path}`, which only this machine has", hint=hint
        )
    if pin.direct is not None and pin.file is None:
        place, revision = strip(pin.direct.url or ""), pin.commit or pin.direct.revision
        subdirectory = f"#subdirectory={pin.direct.subdirectory}" if pin.direct.subdirectory else ""
        return f"{pin.name}{extras} @ {place}{f'@{revision}' if revision else ''}{subdirectory}"
    sha256 = pin.file.hashes.get("sha256") if pin.file else None
    if pin.file is not None and (pin.direct is not None or "+" in pin.version):
        # a local version (``2.3.1+cu121``) is on no public index: its address is the only name it has
        return f"{pin.name}{extras} @ {strip(pin.file.url)}{f'#sha256={sha256}' if sha256 else ''}"
    return f"{pin.name}{extras}=={pin.version}{f' --hash=sha256:{sha256}' if hashes and sha256 else ''}"
