"""``pixi.lock``, versions 4 to 7, read into resolutions.

Source: the format's reader in rattler (``rattler_lock``). Versions 4 and 5 give
each package a ``kind``; from 6 on the address stands under ``conda`` or ``pypi``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.reading import LockContent, LockReadOptions
from lockfiles.model import LockedChannel, LockMetadata, split_conda_file_name
from resolver.errors import InputError
from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target, VirtualPackage

#: Where a channel of one word lies.
PUBLIC_SERVER = "https://conda.anaconda.org/"

VERSIONS = (4, 5, 6, 7)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^]]*\])?\s*\(?([^;)]*)\)?\s*(;.*)?")


def read_pixi_lock(text: str, file: str, environment: str | None = None) -> tuple[Resolution, ...]:
    """Return one resolution for each platform of an environment, sorted by platform (see :func:`read`)."""
    return read(text, file, LockReadOptions(environment=environment)).resolutions


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return what one environment of a pixi.lock holds.

    No ``options.environment``: ``default``, else the only one. Raises InputError where
    the text is no pixi.lock, its version unknown, or the environment absent.
    """
    content = _load(text, file)
    version = content.get("version")
    if version not in VERSIONS:
        known = f"{VERSIONS[0]} to {VERSIONS[-1]}"
        raise InputError(f"pixi.lock version {version!r} is unknown; {known} are read", Origin(file=file))
    chosen = _environment(content, file, options.environment)
    try:
        resolutions = _resolutions(content, chosen, file)
        return LockContent(resolutions=resolutions, metadata=_metadata(chosen, resolutions))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"not in the form of a pixi.lock ({reason})", Origin(file=file)) from None


def _environment(content: Mapping[str, Any], file: str, asked: str | None) -> Mapping[str, Any]:
    environments = content.get("environments")
    if not isinstance(environments, dict) or not environments:
        raise InputError("names no environments", Origin(file=file))
    name = asked or ("default" if "default" in environments else next(iter(environments)))
    if name not in environments or (
        asked is None and "default" not in environments and len(environments) > 1
    ):
        names = ", ".join(f"`{key}`" for key in environments)
        raise InputError(f"has no environment `{asked or 'default'}`", Origin(file=file), f"It has {names}.")
    chosen: Mapping[str, Any] = environments[name]
    return chosen


def _metadata(environment: Mapping[str, Any], resolutions: tuple[Resolution, ...]) -> LockMetadata:
    channels = [strip(str(item["url"])).rstrip("/") for item in environment.get("channels") or ()]
    indexes = [strip(str(url)) for url in environment.get("indexes") or ()]
    return LockMetadata(
        channels=tuple(LockedChannel(url=url.removeprefix(PUBLIC_SERVER)) for url in channels),
        platforms=tuple(resolution.target.subdir for resolution in resolutions),
        custom={INDEXES: " ".join(reversed(indexes))} if indexes else {},
    )


def _resolutions(
    content: Mapping[str, Any], environment: Mapping[str, Any], file: str
) -> tuple[Resolution, ...]:
    channels = [strip(str(item["url"])).rstrip("/") for item in environment.get("channels") or ()]
    index = _index(content.get("packages") or (), file)
    targets = {
        str(row.get("name")): _target(row) for row in content.get("platforms") or () if isinstance(row, dict)
    }
    resolutions = []
    for platform, items in sorted((environment.get("packages") or {}).items()):
        target = targets.get(platform, Target(subdir=platform))
        resolutions.append(_resolution(target, items, index, channels, file))
    return tuple(resolutions)


def _target(row: Mapping[str, Any]) -> Target:
    """Return what a platform of version 7 is locked for; its name may be the user's own."""
    found = []
    for text in row.get("virtual-packages") or ():
        name, _, rest = str(text).partition("=")
        version, _, build = rest.partition("=")
        found.append(VirtualPackage(name=name, version=version or "0", build=build or "0"))
    return Target(subdir=str(row.get("subdir") or row["name"]), virtual_packages=tuple(sorted(found)))


def _load(text: str, file: str) -> dict[str, Any]:
    from resolver.inputs.yaml_nodes import load_yaml

    content = load_yaml(text, file)
    if not isinstance(content, dict):
        raise InputError(
            "not a pixi.lock: a mapping with `version` and `environments` is needed", Origin(file=file)
        )
    return content


def _index(packages: Any, file: str) -> dict[str, Mapping[str, Any]]:
    """Return address -> entry."""
    found: dict[str, Mapping[str, Any]] = {}
    for entry in packages:
        if not isinstance(entry, dict):
            raise InputError("`packages` holds an entry that is no mapping", Origin(file=file))
        address = entry.get("conda") or entry.get("pypi") or entry.get("url") or entry.get("path")
        if isinstance(address, str):
            found[address] = entry
    return found


def _resolution(
    target: Target, items: Any, index: Mapping[str, Mapping[str, Any]], channels: list[str], file: str
) -> Resolution:
    conda, pypi = [], []
    for item in items or ():
        manager = "conda" if "conda" in item else "pypi"
        address = str(item.get(manager))
        entry = index.get(address)
        if entry is None:
            raise InputError(
                f"`{address}` of platform {target.subdir} stands in no entry of `packages`", Origin(file=file)
            )
        if manager == "conda":
            conda.append(_conda_pin(address, entry, channels))
        else:
            pypi.append(_pypi_pin(address, entry))
    conda.sort(key=lambda pin: pin.record.name)
    pypi.sort(key=lambda pin: pin.name)
    taken = {pin.name for pin in pypi}
    provided = {
        pypi_name(pin.record.name): (CondaName(pin.record.name), pin.record.version)
        for pin in conda
        if pypi_name(pin.record.name) not in taken
    }
    return Resolution(
        target=target,
        python=next((pin.record.version for pin in conda if pin.name == "python"), None),
        conda=tuple(conda),
        pypi=tuple(pypi),
        provided=provided,
    )


def _conda_pin(address: str, entry: Mapping[str, Any], channels: list[str]) -> CondaPin:
    url = strip(address)
    base, _, file_name = url.rpartition("/")
    base, _, subdir = base.rpartition("/")
    file_name = unquote(file_name)
    parts = split_conda_file_name(file_name) or (file_name, "", "")
    noarch = entry.get("noarch")
    number = parts[2].rpartition("_")[2]
    record = CondaRecord(
        name=str(entry.get("name") or parts[0]),
        version=str(entry.get("version") or parts[1]),
        build=str(entry.get("build") or parts[2]),
        build_number=int(entry.get("build_number") or (number if number.isdecimal() else 0)),
        file_name=file_name,
        depends=tuple(map(str, entry.get("depends") or ())),
        constrains=tuple(map(str, entry.get("constrains") or ())),
        md5=entry.get("md5"),
        sha256=entry.get("sha256"),
        size=entry.get("size"),
        timestamp=int(entry.get("timestamp") or 0),
        track_features=str(entry.get("track_features") or ""),
        noarch=str(noarch) if noarch else ("generic" if subdir == "noarch" else None),
    )
    name = next((channel for channel in channels if channel == base), base)
    short = name.removeprefix(PUBLIC_SERVER)
    return CondaPin(record=record, channel=Channel(name=short, base_url=base), subdir=subdir, url=url)


def _pypi_pin(address: str, entry: Mapping[str, Any]) -> PypiPin:
    url = strip(address)
    name = pypi_name(str(entry.get("name") or ""))
    version = str(entry.get("version") or "0")
    file_name = unquote(url.split("#", 1)[0].split("?", 1)[0].rsplit("/", 1)[-1])
    hashes = {key: str(entry[key]) for key in ("sha256", "md5") if entry.get(key)}
    file = direct = None
    if "://" in url and not url.startswith(("git+", "file:")):
        file = DistFile(
            file_name=file_name,
            version=version,
            is_wheel=file_name.endswith(".whl"),
            url=url,
            hashes=hashes,
            requires_python=entry.get("requires_python"),
        )
    else:
        kind = DirectKind.VCS if url.startswith("git+") else DirectKind.DIRECTORY
        direct = DirectReference(
            kind=kind, url=url if "://" in url else None, path=None if "://" in url else url
        )
    return PypiPin(
        name=name,
        version=version,
        file=file,
        direct=direct,
        dependencies=_dependencies(entry.get("requires_dist")),
        requires_python=entry.get("requires_python"),
    )


def _dependencies(texts: Any) -> dict[PypiName, str]:
    """Return project -> specifier of the requirements that no extra asks for; markers are not judged."""
    found = {}
    for text in texts or ():
        match = _NAME.match(str(text))
        if match and "extra ==" not in (match[3] or ""):
            found[pypi_name(match[1])] = match[2].strip()
    return dict(sorted(found.items()))
