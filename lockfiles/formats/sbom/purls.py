"""Package URLs of pins (ECMA-427; types ``conda`` and ``pypi`` of its registry)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from lockfiles.formats.conda_lock.assemble import direct_url
from resolver.model.names import PypiName
from resolver.model.resolution import CondaPin, PypiPin

#: What a value of a qualifier holds as itself.
_SAFE = "-._~:/"


def purl_of(pin: CondaPin | PypiPin) -> str:
    """Return the package URL of a pin, qualifiers in alphabetic order."""
    return _conda(pin) if isinstance(pin, CondaPin) else _pypi(pin)


def project_purl(name: PypiName, version: str) -> str:
    """Return the package URL of a project's release, whoever ships it."""
    return f"pkg:pypi/{quote(name, safe='-._~')}@{quote(version, safe='-._~')}"


def _conda(pin: CondaPin) -> str:
    record = pin.record
    told = {
        "build": record.build,
        "channel": pin.channel.name if pin.channel.base_url else "",
        "subdir": pin.subdir,
        "type": record.file_name.partition(record.build)[2].lstrip(".") if record.file_name else "",
    }
    return f"pkg:conda/{quote(record.name, safe='-._~')}@{quote(record.version, safe='-._~')}{_query(told)}"


def _pypi(pin: PypiPin) -> str:
    told = {}
    if pin.direct is not None:
        key = "vcs_url" if pin.direct.kind.value == "vcs" else "download_url"
        told[key] = direct_url(pin.direct, pin.commit)
    elif pin.file is not None:
        told["file_name"] = pin.file.file_name
    return project_purl(pin.name, pin.version) + _query(told)


def _query(told: Mapping[str, str]) -> str:
    parts = [f"{key}={quote(value, safe=_SAFE)}" for key, value in sorted(told.items()) if value]
    return f"?{'&'.join(parts)}" if parts else ""
