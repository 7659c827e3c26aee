"""One dependency of a pixi manifest: a version, or a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from resolver.inputs.draft import add_conda_requirement
from resolver.inputs.pyproject.tables import Table, Tables, listed
from resolver.inputs.urls import split_credentials

_CONDA_KEYS = frozenset(
    {"version", "build", "build-number", "channel", "subdir", "file-name", "md5", "sha256"}
)
_PYPI_KEYS = frozenset(
    {"version", "extras", "index", "git", "branch", "tag", "rev", "subdirectory", "path", "editable", "url"}
    | {"env-markers"}
)


def add_conda_dependency(
    tables: Tables, name: str, value: Any, category: str, platforms: frozenset[str] | None
) -> None:
    """Add ``name = "version"`` or ``name = {version, build, channel, ...}``; a source package is a fault."""
    origin = tables.places.of_key(name)
    fields = {"version": value} if isinstance(value, str) else value
    if not isinstance(fields, Mapping):
        tables.fault(f"`{name}` is neither a version nor a table", origin)
        return
    place = next((key for key in ("git", "path", "url") if key in fields), None)
    if place is not None:
        tables.fault(
            f"`{name}` is a conda package from `{place}`, which can't be locked",
            origin,
            "build it, and name the channel that has it",
        )
        return
    unknown = sorted(set(fields) - _CONDA_KEYS)
    if unknown:
        tables.say("table-not-honoured", f"`{name}`: not honoured: {listed(unknown)}")
    texts = {key: str(fields[key]) for key in fields if key in _CONDA_KEYS}
    channel = f"{texts['channel']}::" if "channel" in texts else ""
    version = texts.get("version", "*").strip() or "*"
    spec = f"{channel}{name} {version}"
    if "build" in texts:
        spec += f" {texts['build']}"
    elif version == "*":
        spec = f"{channel}{name}"
    more = {
        "build-number": "build_number",
        "subdir": "subdir",
        "file-name": "fn",
        "md5": "md5",
        "sha256": "sha256",
    }
    brackets = ", ".join(f"{more[key]}='{texts[key]}'" for key in more if key in texts)
    if brackets:
        spec += f"[{brackets}]"
    add_conda_requirement(tables.draft, spec, origin, category=category, platforms=platforms)


def add_pypi_dependency(
    tables: Tables, name: str, value: Any, category: str, platforms: frozenset[str] | None
) -> None:
    """Add ``name = "specifier"`` or a table with a version, or with the place to take it from."""
    read = _read(tables, name, value)
    if read is None:
        return
    text, editable, index = read
    before = len(tables.draft.pypi)
    tables.add_requirement(text, category, origin=tables.places.of_key(name), editable=editable)
    for at in range(before, len(tables.draft.pypi)):
        requirement = replace(tables.draft.pypi[at], platforms=platforms)
        if isinstance(index, str):
            requirement = replace(requirement, index=_clean_index(tables, index))
        tables.draft.pypi[at] = requirement


def add_pypi_override(tables: Tables, name: str, value: Any) -> None:
    """Add what stands in place of every requirement on a project, written as a dependency is."""
    read = _read(tables, name, value)
    if read is not None:
        text, _, index = read
        before = len(tables.draft.overrides)
        tables.add_override(text, origin=tables.places.of_key(name))
        for at in range(before, len(tables.draft.overrides)):
            override = tables.draft.overrides[at]
            if isinstance(index, str) and override.requirement is not None:
                placed = replace(override.requirement, index=_clean_index(tables, index))
                tables.draft.overrides[at] = replace(override, requirement=placed)


def _clean_index(tables: Tables, index: str) -> str:
    """Return the address of an index without its secret, which is remembered."""
    clean, secret = split_credentials(index)
    if secret:
        tables.draft.secrets.append(secret)
    return clean


def _read(tables: Tables, name: str, value: Any) -> tuple[str, bool, Any] | None:
    """Return a dependency as PEP 508 text, whether it is editable, and its index; None for a fault."""
    origin = tables.places.of_key(name)
    fields = {"version": value} if isinstance(value, str) else value
    if not isinstance(fields, Mapping):
        tables.fault(f"`{name}` is neither a version nor a table", origin)
        return None
    unknown = sorted(set(fields) - _PYPI_KEYS)
    if unknown:
        tables.say("table-not-honoured", f"`{name}`: not honoured: {listed(unknown)}")
    try:
        return *_requirement(name, fields), fields.get("index")
    except ValueError as error:
        tables.fault(f"`{name}`: {error}", origin)
        return None


def _requirement(name: str, fields: Table) -> tuple[str, bool]:
    """Return a dependency as PEP 508 text, and whether it is editable; raises ValueError."""
    extras = fields.get("extras", [])
    if not isinstance(extras, list) or not all(isinstance(extra, str) for extra in extras):
        raise ValueError("`extras` is not a list of texts")
    behind = f" ; {fields['env-markers']}" if "env-markers" in fields else ""
    brackets = f"[{','.join(extras)}]" if extras else ""
    subdirectory = f"#subdirectory={fields['subdirectory']}" if "subdirectory" in fields else ""
    if "git" in fields:
        revision = next((fields[key] for key in ("rev", "tag", "branch") if key in fields), None)
        address = str(fields["git"]).removeprefix("git+")
        at = f"@{revision}" if revision else ""
        return f"{name}{brackets} @ git+{address}{at}{subdirectory}{behind}", False
    if "path" in fields and fields.get("editable") is True:
        return f"{fields['path']}{brackets}{behind}", True
    for key in ("path", "url"):
        if key in fields:
            return f"{name}{brackets} @ {fields[key]}{subdirectory}{behind}", False
    version = str(fields.get("version", "*")).strip()
    if version == "*":
        return f"{name}{brackets}{behind}", False
    return f"{name}{brackets}{version if version[:1] in '<>=!~' else f'=={version}'}{behind}", False
