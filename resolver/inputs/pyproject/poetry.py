"""`[tool.poetry]`: dependencies with carets and tildes, extras, groups and sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from resolver.inputs.pyproject.poetry_sources import PoetrySources, add_sources
from resolver.inputs.pyproject.poetry_versions import poetry_specifier, python_marker
from resolver.inputs.pyproject.tables import Table, Tables, listed
from resolver.model.names import pypi_name

#: Keys of a dependency's table that say how its code is laid out, and bring nothing in.
_LAYOUT = frozenset({"allow-prereleases", "allows-prereleases"})
_KNOWN = _LAYOUT | {
    *("version", "python", "platform", "markers", "extras", "optional", "source"),
    *("git", "branch", "tag", "rev", "subdirectory", "path", "file", "url", "develop"),
}


def add_poetry(tables: Tables, poetry: Table, *, is_main: bool, by_default: bool) -> None:
    """Add Poetry's requirements.

    ``is_main`` False: `[project] dependencies` are the main ones, and Poetry's own
    table only says more of them. ``by_default``: all groups and extras, as conda-lock
    has it; an optional dependency of no extra is a main one then.
    """
    sources = add_sources(tables, poetry)
    main = tables.table(poetry, "dependencies")
    if is_main:
        _add_main(tables, main, tables.table(poetry, "extras"), sources, by_default=by_default)
    elif main:
        _enrich(tables, main, sources)
    groups = {"dev": tables.table(poetry, "dev-dependencies")} if poetry.get("dev-dependencies") else {}
    for name, group in tables.table(poetry, "group").items():
        groups[name] = {**groups.get(name, {}), **tables.table(group, "dependencies")}
    for name, items in groups.items():
        if tables.draft.groups.groups.takes(name, tables.file, by_default=by_default):
            for project, value in items.items():
                _add_dependency(tables, project, value, name, sources)


def _add_main(
    tables: Tables, main: Table, extras: Table, sources: PoetrySources, *, by_default: bool
) -> None:
    tables.draft.has_pip_section = True
    of_extra: dict[str, list[str]] = {}
    for extra, names in extras.items():
        taken = tables.draft.groups.extras.takes(extra, tables.file, by_default=by_default)
        for name in tables.strings(names, extra):
            of_extra.setdefault(pypi_name(name), []).extend([extra] if taken else [])
    for project, value in main.items():
        if project == "python":
            _add_python(tables, value)
            continue
        if not _is_optional(value):
            taken_as = of_extra.get(pypi_name(project)) if by_default else None
            _add_dependency(tables, project, value, (taken_as or ["main"])[-1], sources)
        elif pypi_name(project) in of_extra:
            for extra in of_extra[pypi_name(project)][-1 if by_default else 0 :]:
                _add_dependency(tables, project, value, extra, sources)
        elif by_default:
            _add_dependency(tables, project, value, "main", sources)
        else:
            tables.say(
                "optional-left-out",
                f"`{project}` is optional and in no extra: it is left out, as Poetry does",
            )


def _is_optional(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, Mapping) and item.get("optional") is True for item in items)


def _enrich(tables: Tables, main: Table, sources: PoetrySources) -> None:
    """Let Poetry's table say more of `[project] dependencies`: the source of each."""
    asked = {requirement.name: at for at, requirement in enumerate(tables.draft.pypi)}
    idle = []
    for project, value in main.items():
        at = asked.get(pypi_name(project))
        source = value.get("source") if isinstance(value, Mapping) else None
        if at is not None and isinstance(source, str):
            tables.draft.pypi[at] = sources.with_index(tables, tables.draft.pypi[at], source)
        elif at is None and project != "python":
            idle.append(project)
    if idle:
        tables.say(
            "table-not-honoured",
            f"`[tool.poetry.dependencies]` {listed(idle)}: left out, "
            "as Poetry takes `[project] dependencies`",
        )


def _add_python(tables: Tables, value: Any) -> None:
    origin = tables.places.of_key("python")
    text = value.get("version") if isinstance(value, Mapping) else value
    if not isinstance(text, str):
        tables.fault("`python` is neither a version nor a table with one", origin)
        return
    try:
        tables.add_python(poetry_specifier(text), origin)
    except ValueError as error:
        tables.fault(f'`python = "{text}"`: {error}', origin, 'write one range, such as ">=3.10,<3.13"')


def _add_dependency(tables: Tables, project: str, value: Any, category: str, sources: PoetrySources) -> None:
    """Add a dependency: a version, a table, or several tables under markers of their own."""
    origin = tables.places.of_key(project)
    for item in value if isinstance(value, list) else [value]:
        fields = {"version": item} if isinstance(item, str) else item
        if not isinstance(fields, Mapping):
            tables.fault(f"`{project}` is neither a version nor a table", origin)
            continue
        unknown = sorted(set(fields) - _KNOWN)
        if unknown:
            tables.say("table-not-honoured", f"`{project}`: not honoured: {listed(unknown)}")
        try:
            text, editable = _requirement(project, fields)
        except ValueError as error:
            tables.fault(f"`{project}`: {error}", origin)
            continue
        before = len(tables.draft.pypi)
        is_forced = fields.get("source") == "pypi" or "version" not in fields
        with tables.from_pypi(project if is_forced else None):
            tables.add_requirement(text, category, origin=origin, editable=editable)
        source = fields.get("source")
        if isinstance(source, str) and len(tables.draft.pypi) > before:
            tables.draft.pypi[-1] = sources.with_index(tables, tables.draft.pypi[-1], source)


def _requirement(project: str, fields: Table) -> tuple[str, bool]:
    """Return a dependency's table as PEP 508 text, and whether it is editable; raises ValueError."""
    extras = fields.get("extras", [])
    if not isinstance(extras, list) or not all(isinstance(extra, str) for extra in extras):
        raise ValueError("`extras` is not a list of texts")
    name = project + (f"[{','.join(extras)}]" if extras else "")
    marker = " and ".join(f"({one})" for one in _markers(fields))
    behind = f" ; {marker}" if marker else ""
    place = _place(fields)
    if place is None:
        version = fields.get("version")
        if not isinstance(version, str):
            raise ValueError("neither `version` nor a place to take it from")
        return f"{name}{poetry_specifier(version)}{behind}", False
    if "path" in fields and fields.get("develop") is True:
        return f"{place}{name.removeprefix(project)}{behind}", True
    return f"{name} @ {place}{behind}", False


def _markers(fields: Table) -> Iterator[str]:
    for key in ("markers", "python", "platform"):
        value = fields.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise ValueError(f"`{key}` is not a text")
        if key == "python":
            value = python_marker(value)
        elif key == "platform":
            value = f'sys_platform == "{value}"'
        if value:
            yield value


def _place(fields: Table) -> str | None:
    """Return the address or path of a dependency that no index gives."""
    for key in ("git", "path", "file", "url"):
        value = fields.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise ValueError(f"`{key}` is not a text")
        subdirectory = fields.get("subdirectory")
        behind = f"#subdirectory={subdirectory}" if isinstance(subdirectory, str) else ""
        if key != "git":
            return value + behind
        revision = next((fields[key] for key in ("rev", "tag", "branch") if key in fields), None)
        address = value if "://" in value else "ssh://" + value.replace(":", "/", 1)
        return f"git+{address.removeprefix('git+')}{f'@{revision}' if revision else ''}{behind}"
    return None
