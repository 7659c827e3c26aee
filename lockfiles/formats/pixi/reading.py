"""``pixi.lock``, versions 4 to 7, read into resolutions.

Source: the format's reader in rattler (``rattler_lock``). Versions 4 and 5 give
each package a ``kind``; from 6 on the address stands under ``conda`` or ``pypi``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from lockfiles.formats.conda_files import FILES, is_path, subdir_of
from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.pixi.own_keys import with_own_keys
from lockfiles.formats.reading import LockContent, LockReadOptions
from lockfiles.formats.universal.conditions import Variables, holds, variables_of
from lockfiles.formats.universal.files import file_name_of, git_reference, is_archive_name
from lockfiles.model import LockedChannel, LockMetadata, split_conda_file_name
from resolver.errors import InputError
from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.notices import Notice
from resolver.model.origin import Origin
from resolver.model.records import CondaRecord, DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.settled_pins import settled_pins
from resolver.model.target import Target, VirtualPackage

#: Where a channel of one word lies.
PUBLIC_SERVER = "https://conda.anaconda.org/"

VERSIONS = (4, 5, 6, 7)
_MANAGERS = ("conda", "conda_source", "pypi")
_ADDRESSES = (*_MANAGERS, "url", "path")
#: ``__glibc=2.28=0``, ``__libc >= 32``
_VIRTUAL = re.compile(r"\s*([\w.-]*)\s*[=<>]*\s*([^=\s]*)\s*=?\s*(.*)")
#: What a source is called from version 7 on: ``name[hash] @ place``.
_SOURCE = re.compile(r"(?P<name>[^\s\[]+)(?:\[(?P<hash>[^\]]*)\])?\s*@\s*(?P<place>.+)")
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
    _check_version(content, file)
    name, chosen = _environment(content, file, options.environment)
    return _content(content, name, chosen, options.platforms, file)


def read_every(text: str, file: str) -> tuple[dict[str, Any], dict[str, LockContent]]:
    """Return the document as it stands, and what each of its environments holds; raises as :func:`read`."""
    content = _load(text, file)
    _check_version(content, file)
    environments = content.get("environments")
    names = environments if isinstance(environments, dict) else {}
    return content, {name: _content(content, name, one, (), file) for name, one in names.items()}


def _check_version(content: Mapping[str, Any], file: str) -> None:
    version = content.get("version")
    if version not in VERSIONS:
        known = f"{VERSIONS[0]} to {VERSIONS[-1]}"
        raise InputError(f"pixi.lock version {version!r} is unknown; {known} are read", Origin(file=file))


def _content(
    content: Mapping[str, Any], name: str, chosen: Mapping[str, Any], platforms: Sequence[str], file: str
) -> LockContent:
    try:
        resolutions = _resolutions(content, chosen, platforms, file)
        metadata = _metadata(chosen, resolutions)
        return with_own_keys(content, name, LockContent(resolutions=resolutions, metadata=metadata))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"not in the form of a pixi.lock ({reason})", Origin(file=file)) from None


def _environment(content: Mapping[str, Any], file: str, asked: str | None) -> tuple[str, Mapping[str, Any]]:
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
    return name, chosen


def _metadata(environment: Mapping[str, Any], resolutions: tuple[Resolution, ...]) -> LockMetadata:
    channels = [strip(str(item["url"])).rstrip("/") for item in environment.get("channels") or ()]
    indexes = [strip(str(url)) for url in environment.get("indexes") or ()]
    return LockMetadata(
        channels=tuple(LockedChannel(url=url.removeprefix(PUBLIC_SERVER)) for url in channels),
        platforms=tuple(resolution.target.subdir for resolution in resolutions),
        custom={INDEXES: " ".join(reversed(indexes))} if indexes else {},
    )


def _resolutions(
    content: Mapping[str, Any], environment: Mapping[str, Any], asked: Sequence[str], file: str
) -> tuple[Resolution, ...]:
    channels = [strip(str(item["url"])).rstrip("/") for item in environment.get("channels") or ()]
    index = _index(content.get("packages") or (), file)
    targets = targets_of(content)
    packages = environment.get("packages") or {}
    by_subdir: dict[str, list[str]] = {}
    for name in sorted(packages):
        by_subdir.setdefault(targets[name].subdir if name in targets else name, []).append(name)
    resolutions = []
    for subdir, names in sorted(by_subdir.items()):
        chosen = next((name for name in names if name in asked), subdir if subdir in names else names[0])
        target = targets.get(chosen, Target(subdir=subdir))
        found = _resolution(target, packages[chosen], index, channels, file)
        resolutions.append(_with_variants(found, chosen, names, file))
    return tuple(resolutions)


def targets_of(content: Mapping[str, Any]) -> dict[str, Target]:
    """Return name of a platform -> what it is for; none before version 7."""
    rows = content.get("platforms") or ()
    return {str(row.get("name")): _target(row) for row in rows if isinstance(row, dict)}


def address_of(entry: Mapping[str, Any]) -> str | None:
    """Return what an entry of ``packages``, or a reference to one, is called by."""
    found = next((entry[key] for key in _ADDRESSES if entry.get(key)), None)
    return found if isinstance(found, str) else None


def _with_variants(resolution: Resolution, chosen: str, names: Sequence[str], file: str) -> Resolution:
    """Say which of several platforms that share a subdir was read."""
    if len(names) == 1:
        return resolution
    others = ", ".join(f"`{name}`" for name in names if name != chosen)
    notice = Notice(
        code="read-for-platform",
        text=f"`{file}` has several platforms of this kind: read `{chosen}`, not {others}",
        target=resolution.target.subdir,
        facts={"platform": chosen},
    )
    return msgspec.structs.replace(resolution, notices=(notice,))


def _target(row: Mapping[str, Any]) -> Target:
    """Return what a platform of version 7 is locked for; its name may be the user's own."""
    found = []
    for text in row.get("virtual-packages") or ():
        name, version, build = _VIRTUAL.match(str(text)).groups()  # type: ignore[union-attr]  # always matches
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
        address = address_of(entry)
        if address is not None:
            found[address] = entry
    return found


def _resolution(
    target: Target, items: Any, index: Mapping[str, Mapping[str, Any]], channels: list[str], file: str
) -> Resolution:
    conda: list[CondaPin] = []
    wheels: list[tuple[str, Mapping[str, Any]]] = []
    for item in items or ():
        manager = next((key for key in _MANAGERS if key in item), "pypi")
        address = str(item.get(manager))
        entry = index.get(address)
        if entry is None:
            raise InputError(
                f"`{address}` of platform {target.subdir} stands in no entry of `packages`", Origin(file=file)
            )
        if manager == "conda_source" or (manager == "conda" and not _is_archive(address)):
            conda.append(_source_pin(address, entry, target.subdir))
        elif manager == "conda":
            conda.append(_conda_pin(address, entry, channels, target.subdir))
        else:
            wheels.append((address, entry))
    conda.sort(key=lambda pin: pin.record.name)
    settled = settled_pins(conda, target.virtual_packages)
    python = next((pin.record.version for pin in conda if pin.name == "python"), None)
    variables = variables_of(target, python or "3.12.0")
    pypi = sorted((_pypi_pin(*one, variables) for one in wheels), key=lambda pin: pin.name)
    taken = {pin.name for pin in pypi}
    provided = {
        project: (CondaName(pin.record.name), pin.record.version)
        for pin in conda
        for project in _projects_of(pin.record)
        if project not in taken
    }
    return Resolution(
        target=target,
        python=python,
        conda=settled,
        pypi=tuple(pypi),
        provided=provided,
    )


def _projects_of(record: CondaRecord) -> tuple[PypiName, ...]:
    """Return the projects that a package ships: as its purls say, else the one of its own name."""
    told = [purl.removeprefix("pkg:pypi/") for purl in record.purls or () if purl.startswith("pkg:pypi/")]
    names = [purl.partition("?")[0].partition("@")[0] for purl in told]
    return tuple(map(pypi_name, names)) if names else (pypi_name(record.name),)


def _is_archive(address: str) -> bool:
    return address.partition("#")[0].endswith((".conda", ".tar.bz2"))


def _source_pin(address: str, entry: Mapping[str, Any], subdir: str) -> CondaPin:
    """Return a package that is built from a folder or a repository; its place stays as written."""
    told = _SOURCE.match(address)
    noarch = entry.get("noarch")
    record = CondaRecord(
        name=str(entry.get("name") or (told["name"] if told else address.rstrip("/").rpartition("/")[2])),
        version=str(entry.get("version") or "0"),
        build=str(entry.get("build") or ""),
        build_number=int(entry.get("build_number") or 0),
        file_name="",
        depends=tuple(map(str, entry.get("depends") or ())),
        constrains=tuple(map(str, entry.get("constrains") or ())),
        license=_text(entry, "license"),
        noarch=str(noarch) if noarch else None,
    )
    return CondaPin(
        record=record,
        channel=Channel(name="(source)", base_url=""),
        subdir=str(entry.get("subdir") or subdir),
        url="",
        source=strip(address),
    )


def _conda_pin(address: str, entry: Mapping[str, Any], channels: list[str], platform: str) -> CondaPin:
    url = strip(address)
    base, _, file_name = url.rpartition("/")
    base, _, subdir = base.rpartition("/")
    file_name = unquote(file_name)
    parts = split_conda_file_name(file_name) or (file_name, "", "")
    noarch = entry.get("noarch")
    if is_path(url):
        subdir = subdir_of(url, _text(entry, "subdir"), "noarch" if noarch else platform)
    number = parts[2].rpartition("_")[2]
    record = CondaRecord(
        name=str(entry.get("name") or parts[0]),
        version=str(entry.get("version") or parts[1]),
        build=str(entry.get("build") or parts[2]),
        build_number=int(entry.get("build_number") or (number if number.isdecimal() else 0)),
        file_name=file_name,
        depends=tuple(map(str, entry.get("depends") or ())),
        constrains=tuple(map(str, entry.get("constrains") or ())),
        md5=_text(entry, "md5"),
        sha256=_text(entry, "sha256"),
        size=_size(entry),
        timestamp=int(entry.get("timestamp") or 0),
        track_features=str(entry.get("track_features") or ""),
        noarch=str(noarch) if noarch else ("generic" if subdir == "noarch" else None),
        license=_text(entry, "license"),
        purls=tuple(map(str, entry["purls"])) if isinstance(entry.get("purls"), list) else None,
    )
    name = next((channel for channel in channels if channel == base), base)
    channel = FILES if is_path(url) else Channel(name=name.removeprefix(PUBLIC_SERVER), base_url=base)
    return CondaPin(record=record, channel=channel, subdir=subdir, url=url)


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    """Return a scalar as text, None where there is none; raises ValueError for a list or a mapping."""
    value = entry.get(key)
    if isinstance(value, list | dict):
        raise ValueError(f"`{key}` is no text")
    return str(value) if value else None


def _size(entry: Mapping[str, Any]) -> int | None:
    """Return the bytes of an archive; raises ValueError for what is no number of bytes."""
    value = entry.get("size")
    if value is None or (isinstance(value, int) and 0 <= value < 1 << 63):
        return value
    raise ValueError(f"`size` {value!r} is no number of bytes")


def _pypi_pin(address: str, entry: Mapping[str, Any], variables: Variables) -> PypiPin:
    url = strip(address)
    name = pypi_name(str(entry.get("name") or ""))
    version = str(entry.get("version") or "0")
    hashes = {key: str(entry[key]) for key in ("sha256", "md5") if entry.get(key)}
    file = direct = commit = None
    if url.startswith("git+"):
        direct, commit = git_reference(url)
    elif "://" in url and (not url.startswith("file:") or is_archive_name(url)):
        file = _dist_file(url, version, hashes, entry)
    else:
        direct = _local_reference(url, hashes, is_editable=bool(entry.get("editable")))
    index = entry.get("index")
    return PypiPin(
        name=name,
        version=version,
        file=file,
        direct=direct,
        commit=commit,
        index=strip(str(index)) if index else None,
        dependencies=_dependencies(entry.get("requires_dist"), variables),
        requires_python=entry.get("requires_python"),
    )


def _dist_file(url: str, version: str, hashes: dict[str, str], entry: Mapping[str, Any]) -> DistFile:
    file_name = file_name_of(url)
    return DistFile(
        file_name=file_name,
        version=version,
        is_wheel=file_name.endswith(".whl"),
        url=url,
        hashes=hashes,
        requires_python=entry.get("requires_python"),
    )


def _local_reference(place: str, hashes: dict[str, str], *, is_editable: bool) -> DirectReference:
    """Return a folder, or a file, that lies on this machine."""
    path = place.removeprefix("file://")
    is_archive = is_archive_name(path)
    return DirectReference(
        kind=DirectKind.ARCHIVE if is_archive else DirectKind.DIRECTORY,
        path=path,
        hashes=hashes if is_archive else {},
        editable=is_editable,
    )


def _dependencies(texts: Any, variables: Variables) -> dict[PypiName, str]:
    """Return project -> specifier of the requirements that hold here without an extra."""
    found = {}
    for text in texts or ():
        match = _NAME.match(str(text))
        if match and holds((match[3] or "").lstrip("; "), variables):
            found[pypi_name(match[1])] = "" if match[2].lstrip().startswith("@") else match[2].strip()
    return dict(sorted(found.items()))
