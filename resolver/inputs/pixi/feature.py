"""The tables that a pixi manifest has at its top, in each feature, and in each target of both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from resolver.inputs.pixi.dependencies import add_conda_dependency, add_pypi_dependency
from resolver.inputs.pixi.pypi_options import add_pypi_options
from resolver.inputs.pyproject.tables import Table, Tables, listed
from resolver.inputs.selectors import parse_selector
from resolver.model.leading_numbers import release

#: pixi puts all three into the environment.
_CONDA = ("dependencies", "host-dependencies", "build-dependencies")
TABLES = frozenset({*_CONDA, "pypi-dependencies", "pypi-options", "target", "system-requirements"})
#: Tables that ask for nothing in an environment.
IDLE_KEYS = frozenset({"tasks"})
#: A feature's own keys that its manifest reads.
_OUTER = frozenset({"channels", "platforms"})
#: System requirement -> virtual package.
_VIRTUAL = {
    "cuda": "__cuda",
    "libc": "__glibc",
    "linux": "__linux",
    "macos": "__osx",
}
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*\Z")


def add_feature(
    tables: Tables,
    table: Table,
    *,
    category: str,
    lead: str,
    path: tuple[str, ...],
    limit: frozenset[str] | None = None,
) -> None:
    """Add the requirements of one table and of its targets.

    ``path``: the names that lead to it, ``limit``: the platforms that it is for.
    """
    _add_dependencies(tables, table, category=category, path=path, platforms=limit)
    add_pypi_options(tables, tables.table(table, "pypi-options"), lead)
    for selector, target in tables.table(table, "target").items():
        try:
            platforms = parse_selector(selector)
        except ValueError:
            tables.fault(f"unknown target `{selector}`", tables.places.of_key(selector))
            continue
        content = tables.table({selector: target}, selector)
        platforms = platforms if limit is None else platforms & limit
        inner = (*path, "target", selector)
        _add_dependencies(tables, content, category=category, path=inner, platforms=platforms)
        _name(tables, content, {*_CONDA, "pypi-dependencies"}, f"{lead}target.{selector}.")
    _add_system(tables, tables.table(table, "system-requirements"), lead)
    if ".feature." in f".{lead}":
        _name(tables, table, TABLES | _OUTER, lead)


def _add_dependencies(
    tables: Tables, table: Table, *, category: str, path: tuple[str, ...], platforms: frozenset[str] | None
) -> None:
    for key in _CONDA:
        with tables.places.at((*path, key)):
            for name, value in tables.table(table, key).items():
                add_conda_dependency(tables, name, value, category, platforms)
    pypi = tables.table(table, "pypi-dependencies")
    if pypi:
        tables.draft.has_pip_section = True
    with tables.places.at((*path, "pypi-dependencies")):
        for name, value in pypi.items():
            add_pypi_dependency(tables, name, value, category, platforms)


def _name(tables: Tables, table: Table, known: Any, lead: str) -> None:
    left = [f"{lead}{key}" for key in table if key not in known and key not in IDLE_KEYS and table[key]]
    if left:
        tables.say("table-not-honoured", f"not honoured: {listed(left)}")


def _add_system(tables: Tables, table: Table, lead: str) -> None:
    """Add what the target has; of two features that name one, the greater version holds, as in pixi."""
    idle = []
    for key, value in table.items():
        version = value.get("version") if isinstance(value, Mapping) else value
        family = value.get("family", "glibc") if isinstance(value, Mapping) else "glibc"
        name, text = _VIRTUAL.get(key), str(version).strip()
        if name is None or (key == "libc" and family != "glibc") or not _VERSION.match(text):
            idle.append(f"{lead}system-requirements.{key}")
            continue
        asked = tables.draft.virtual_packages
        before = next((one for one in asked if one.startswith(f"{name}=")), None)
        if before is None or release(before.partition("=")[2]) < release(text):
            tables.draft.virtual_packages = [one for one in asked if one != before] + [f"{name}={text}"]
    if idle:
        tables.say("table-not-honoured", f"not honoured: {listed(idle)}")
