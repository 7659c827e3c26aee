"""``pylock.toml`` (PEP 751): pip's part of a lockfile, one file for each platform.

The values are checked by ``packaging.pylock``, which knows the whole
specification. The text is written here, one line a file, as in the examples of
the specification: general TOML writers (tomli-w) spread each file over two
tables and each list over several lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lockfiles.formats.export import ExportedFile, ExportRequest, check_addresses
from lockfiles.formats.reading import MAIN
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import PypiPin, Resolution

LOCK_VERSION = "1.0"
CREATED_BY = "lockstack"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``pylock.toml``, or ``pylock.PLATFORM.toml`` for each of several platforms.

    Several environments are one file.
    """
    check_addresses(request)
    if request.environments:
        return (_export_together(request),)
    single = len(request.resolutions) == 1
    return tuple(
        ExportedFile(
            name="pylock.toml" if single else f"pylock.{resolution.target.subdir}.toml",
            text=to_toml(pylock_of(resolution, request.indexes)),
            remarks=_remarks(resolution),
        )
        for resolution in request.resolutions
    )


def _export_together(request: ExportRequest) -> ExportedFile:
    """Return one file for all environments of a request."""
    from lockfiles.formats.pylock.together import all_resolutions

    for one in request.environments.values():
        check_addresses(one)
    resolutions = all_resolutions(request)
    of_each = {id(one): request.indexes for one in request.resolutions}
    of_each |= {id(one): more.indexes for more in request.environments.values() for one in more.resolutions}
    value = pylock_together(resolutions, [of_each[id(one)] for one in resolutions])
    remarks = tuple(dict.fromkeys(text for one in resolutions for text in _remarks(one)))
    return ExportedFile(name="pylock.toml", text=to_toml(value), remarks=remarks)


def pylock_together(resolutions: Sequence[Resolution], indexes: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return the content for several environments as plain values; ``indexes``: of each.

    Raises ValueError where ``packaging`` finds it wrong.
    """
    from lockfiles.formats.pylock.together import entries_of, environment_of, marker_of, written
    from lockfiles.formats.pylock.together import requires_python as pythons_of

    packages: list[dict[str, dict[str, Any]]] = []
    for resolution, own in zip(resolutions, indexes, strict=True):
        _check_hashes(resolution)
        packages.append({str(pin.name): _plain(pin, _only_index(own)) for pin in resolution.pypi})
    value: dict[str, Any] = {
        "lock-version": LOCK_VERSION,
        "environments": list(dict.fromkeys(marker_of(environment_of(one)) for one in resolutions)),
        "created-by": CREATED_BY,
    }
    if pythons := pythons_of(resolutions):
        value["requires-python"] = pythons
    value |= _groups(resolutions)
    value["packages"] = written(entries_of(resolutions, packages), resolutions)
    provided = [set(_provided(one).items()) for one in resolutions]
    if alike := dict(sorted(set.intersection(*provided))):
        value["tool"] = {"lockstack": {"provided-by-conda": alike}}
    return _checked(value)


def _groups(resolutions: Sequence[Resolution]) -> dict[str, Any]:
    groups = {name for one in resolutions for pin in one.pypi for name in pin.categories} - {MAIN}
    return {"dependency-groups": sorted(groups)} if groups else {}


def _only_index(indexes: Sequence[str]) -> str | None:
    return indexes[0] if len(indexes) == 1 and "://" in indexes[0] else None


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    """Return the content; raises ValueError where ``packaging`` finds it wrong."""
    from packaging.pylock import Pylock, PylockValidationError

    try:
        Pylock.from_dict(value).validate()
    except PylockValidationError as error:
        raise ValueError(str(error)) from error
    return value


def _remarks(resolution: Resolution) -> tuple[str, ...]:
    platform = resolution.target.subdir
    if not resolution.conda:
        return ()
    return (f"{platform}: only what pip installs; {len(resolution.conda)} packages are conda's",)


def _check_hashes(resolution: Resolution) -> None:
    """Raise ValueError where a file has no hash: the format needs one."""
    files = [pin for pin in resolution.pypi if pin.direct is None or pin.direct.kind is DirectKind.ARCHIVE]
    without = [pin.name for pin in files if not _size_and_hashes(pin)["hashes"]]
    if without:
        names = ", ".join(f"`{name}`" for name in without[:5]) + (" ..." if len(without) > 5 else "")
        raise ValueError(f"the lockfile has no hash of {names}, and the format needs one")


def pylock_of(resolution: Resolution, indexes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the content as plain values, in the order in which it is written.

    Raises ValueError where ``packaging`` finds it wrong.
    """
    _check_hashes(resolution)
    value: dict[str, Any] = {
        "lock-version": LOCK_VERSION,
        "environments": [_environment_marker(resolution)],
        "created-by": CREATED_BY,
    }
    if resolution.python:
        major, minor = resolution.python.split(".")[:2]
        value["requires-python"] = f"=={major}.{minor}.*"
    value |= _groups((resolution,))
    only_index = _only_index(indexes)
    value["packages"] = [_package(pin, resolution, only_index) for pin in resolution.pypi]
    if resolution.provided:
        value["tool"] = {"lockstack": {"provided-by-conda": _provided(resolution)}}
    return _checked(value)


def _environment_marker(resolution: Resolution) -> str:
    known = resolution.target.marker_environment()
    names = ("sys_platform", "platform_machine")
    return " and ".join(f"{name} == '{known[name]}'" for name in names)


def _provided(resolution: Resolution) -> dict[str, str]:
    """Return project -> version of those that pip's packages need and conda installs."""
    needed = {name for pin in resolution.pypi for name in pin.dependencies}
    return {name: version for name, (_, version) in sorted(resolution.provided.items()) if name in needed}


def _package(pin: PypiPin, resolution: Resolution, index: str | None) -> dict[str, Any]:
    plain = _plain(pin, index)
    found: dict[str, Any] = {key: plain.pop(key) for key in ("name", "version") if key in plain}
    if MAIN not in pin.categories:
        found["marker"] = " or ".join(f"'{name}' in dependency_groups" for name in sorted(pin.categories))
    if "requires-python" in plain:
        found["requires-python"] = plain.pop("requires-python")
    held = {one.name for one in resolution.pypi}
    if dependencies := [{"name": name} for name in sorted(pin.dependencies) if name in held]:
        found["dependencies"] = dependencies
    return found | plain


def _plain(pin: PypiPin, index: str | None) -> dict[str, Any]:
    """Return a package without its marker and dependencies."""
    found: dict[str, Any] = {"name": pin.name}
    if pin.direct is None or pin.direct.kind is DirectKind.ARCHIVE:
        found["version"] = pin.version
    if pin.requires_python:
        found["requires-python"] = pin.requires_python
    if pin.direct is not None:
        return found | _direct(pin, pin.direct)
    address = pin.index if pin.index and "://" in pin.index else index
    if address:
        found["index"] = address
    if pin.file is not None:
        file = {"name": pin.file.file_name} | _place(pin.file.url) | _size_and_hashes(pin)
        found |= {"wheels": [file]} if pin.file.is_wheel else {"sdist": file}
    return found


def _place(url: str) -> dict[str, Any]:
    """Return an address, or the path that one without a root names."""
    is_path = url.startswith("file:") and not url.startswith("file:/")
    return {"path": url.removeprefix("file:")} if is_path else {"url": url}


def _size_and_hashes(pin: PypiPin) -> dict[str, Any]:
    size = pin.file.size if pin.file else None
    hashes = {**(pin.direct.hashes if pin.direct else {}), **(pin.file.hashes if pin.file else {})}
    return ({"size": size} if size else {}) | {"hashes": dict(sorted(hashes.items()))}


def _direct(pin: PypiPin, direct: DirectReference) -> dict[str, Any]:
    place = {"path": direct.path or "."} if direct.url is None else {"url": direct.url.partition("#")[0]}
    below = {"subdirectory": direct.subdirectory} if direct.subdirectory else {}
    if direct.kind is DirectKind.DIRECTORY:
        return {"directory": place | ({"editable": True} if direct.editable else {}) | below}
    if direct.kind is DirectKind.ARCHIVE:
        return {"archive": place | _size_and_hashes(pin) | below}
    scheme, _, url = (direct.url or "").partition("+")
    requested = {"requested-revision": direct.revision} if direct.revision else {}
    commit = pin.commit or direct.revision or ""
    return {"vcs": {"type": scheme, "url": url} | requested | {"commit-id": commit} | below}


def to_toml(value: Mapping[str, Any]) -> str:
    """Return plain values as TOML: scalars and lists of scalars first, then tables, in the order given."""
    return "\n".join(_toml_lines(value, ())).lstrip("\n") + "\n"


def _toml_lines(value: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    lines = [
        f"{_toml_key(key)} = {_toml_inline(item)}" for key, item in value.items() if not _is_table(item, path)
    ]
    for key, item in value.items():
        if not _is_table(item, path):
            continue
        name = ".".join(map(_toml_key, (*path, key)))
        if isinstance(item, Mapping):
            lines += ["", f"[{name}]", *_toml_lines(item, (*path, key))]
        else:
            for element in item:
                lines += ["", f"[[{name}]]", *_toml_lines(element, (*path, key))]
    return lines


def _is_table(item: Any, path: tuple[str, ...]) -> bool:
    """Whether a value is written under a heading of its own."""
    if isinstance(item, Mapping):
        return len(path) != 1 or path[0] != "packages" or "hashes" not in item
    return (
        not path and isinstance(item, list) and bool(item) and all(isinstance(one, Mapping) for one in item)
    )


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.match(key) else _toml_inline(key)


def _toml_inline(item: Any) -> str:
    if isinstance(
        item, str
    ):  # a JSON string is a TOML string, but for DEL and characters beyond the first plane
        return json.dumps(item, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, Mapping):
        pairs = ", ".join(f"{_toml_key(key)} = {_toml_inline(one)}" for key, one in item.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(item, (list, tuple)):
        return "[" + ", ".join(map(_toml_inline, item)) + "]"
    return str(item)
