"""Values of settings that are tables, or lists of requirements: loaded where one is set.

Each function has the shape of those in :mod:`lockfiles.settings.values`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lockfiles.settings.values import Where, channels, place_or_address, refuse, shown, text
from resolver.inputs.urls import is_url
from resolver.model.names import pypi_name
from resolver.model.patterns import pattern


def _table(value: Any, separator: str = "=") -> Mapping[str, Any]:
    """Return a table, also one written as ``NAME=VALUE`` texts."""
    if isinstance(value, Mapping):
        return {str(name): item for name, item in value.items()}
    items = re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        refuse(f"`{shown(value)}` is not a table")
    table = {}
    for item in items:
        name, found, rest = str(item).partition(separator)
        if not found or not name.strip():
            refuse(f"`{shown(item)}` is not of the form `NAME{separator}VALUE`")
        table[name.strip()] = rest.strip()
    return table


def address_table(value: Any, where: Where) -> dict[str, str]:
    """Return name -> address or folder, in the order written."""
    return {name: place_or_address(item, where) for name, item in _table(value).items()}


def proxies(value: Any, where: Where) -> dict[str, str]:
    """Return ``http``, ``https``, ``all`` or ``SCHEME://HOST`` -> address of a proxy, its scheme put in."""
    found = {}
    for name, item in _table(value).items():
        if name not in ("http", "https", "all") and not re.fullmatch(r"(?:https?|all)://[^/\s]+", name):
            refuse(f"`{shown(name)}` is no scheme", "write `http`, `https`, `all` or `https://HOST`")
        address = text(item, where).rstrip("/")
        if not address:
            refuse("an empty address")
        found[name] = address if is_url(address) else f"http://{address}"
    return found


def rate(value: Any, where: Where) -> int:
    """Return bytes a second, 0 or more."""
    return _size(value, where, least=0)


def sizes(value: Any, where: Where) -> dict[str, int]:
    """Return kind of resource -> bytes."""
    from resolver.sources.limits import ResourceKind

    kinds = [kind.value for kind in ResourceKind]
    table = _table(value)
    for name in table:
        if name not in kinds:
            known = ", ".join(f"`{kind}`" for kind in kinds)
            refuse(f"`{shown(name)}` is no kind of resource", f"write one of {known}")
    return {name: _size(item, where, least=1) for name, item in table.items()}


def _size(value: Any, where: Where, *, least: int) -> int:
    found = re.fullmatch(r"([0-9]{1,15})\s*([KMGT]i?)?B?", text(value, where).strip(), re.IGNORECASE)
    number = int(found[1]) << 10 * " KMGT".index((found[2] or " ")[0].upper()) if found else -1
    if number < least:
        refuse(f"`{shown(value)}` is not a size", "write bytes, or as `64 MiB`, `2 GiB`")
    return number


def list_table(value: Any, where: Where) -> dict[str, tuple[str, ...]]:
    """Return name -> list of addresses, folders or channels."""
    table = _table(value).items()
    return {
        name.rstrip("/"): channels([item] if isinstance(item, str) else item, where) for name, item in table
    }


def project_table(value: Any, where: Where) -> dict[str, str]:
    """Return project -> index, the projects' names normalised."""
    return {pypi_name(name): text(item, where) for name, item in _table(value).items()}


def requirement_table(value: Any, where: Where) -> dict[str, tuple[str, ...]]:
    """Return project -> requirements, the projects' names normalised."""
    return {pypi_name(name): _requirements(item, where) for name, item in _table(value).items()}


_BUILD_VARIABLE = pattern(r"[A-Za-z_]\w*")


def variable_table(value: Any, where: Where) -> dict[str, dict[str, str]]:
    """Return project -> variable -> value, the projects' names normalised; a text has ``PROJECT:NAME=VALUE``.

    The variables of the build's installer, and where it may write, are set by `lock` alone.
    """
    found: dict[str, dict[str, str]] = {}
    for name, item in _table(value, "=" if isinstance(value, Mapping) else ":").items():
        variables = found.setdefault(pypi_name(name), {})
        for key, given in _table(item).items():
            if not _BUILD_VARIABLE.fullmatch(key) or key.upper().startswith("PIP_"):
                refuse(f"`{shown(key)}` can't be set for a build", 'write `PROJECT = {NAME = "VALUE"}`')
            variables[key] = text(given, where)
    return found


def metadata_table(value: Any, where: Where) -> dict[str, tuple[str, ...]]:
    """Return ``NAME`` or ``NAME==VERSION``, normalised, -> requirements."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        unknown = {key for item in value for key in item} - {"name", "version", "requires-dist"}
        if unknown:
            refuse(f"`{min(unknown)}` has no meaning here", "write `name`, `version`, `requires-dist`")
        value = {
            "==".join(str(item[key]) for key in ("name", "version") if key in item): item.get(
                "requires-dist", []
            )
            for item in value
        }
    found = {}
    for key, item in _table(value).items():
        name, mark, release = key.partition("==")
        found[f"{pypi_name(name)}{mark}{_version(release)}"] = _requirements(item, where)
    return found


def _version(text_: str) -> str:
    """Return a version normalised; an empty one stays."""
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(text_)) if text_ else ""
    except InvalidVersion:
        refuse(f"`{text_}` is no version", "write `NAME` or `NAME==VERSION`")


def _requirements(value: Any, where: Where) -> tuple[str, ...]:
    """Return PEP 508 requirements; a single text is one."""
    from packaging.requirements import InvalidRequirement, Requirement

    found = [text(item, where) for item in ([value] if isinstance(value, str) else value)]
    for one in found:
        try:
            Requirement(one)
        except InvalidRequirement:
            refuse(f"`{one}` is no requirement", 'write a list such as `["torch", "einops>=0.7"]`')
    return tuple(found)


_FILE = pattern(r"\S+\.(?:txt|in|toml)|@?\.{0,2}/\S*")


def requirements(value: Any, where: Where) -> tuple[str, ...]:
    """Return PEP 508 requirements in the order written; a text has one a line."""
    items = [line for line in value.splitlines() if line.strip()] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        refuse(f"`{shown(value)}` is not a list of requirements")
    file = next((item for item in items if _FILE.fullmatch(str(item))), None)
    if file is not None:
        refuse(f"`{shown(file)}` names a file", "write the requirements themselves, as in the file")
    return tuple(dict.fromkeys(_requirements(items, where)))


def reasons(value: Any, where: Where) -> dict[str, str]:
    """Return rule -> reason; a rule without a reason is refused."""
    items = [value] if isinstance(value, str) else value
    table = {}
    for rule, item in _table(items).items():
        reason = text(item, where)
        if not reason:
            refuse(f"rule `{rule}` is silenced without a reason", f'write `{rule} = "why it is fine here"`')
        table[rule] = reason
    return dict(sorted(table.items()))
