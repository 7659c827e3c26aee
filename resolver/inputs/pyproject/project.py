"""`[project]` (PEP 621) and `[dependency-groups]` (PEP 735)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolver.inputs.pyproject.tables import Table, Tables, is_own
from resolver.model.names import pypi_name

#: Extras that conda-lock puts into its category ``dev``.
_DEV_TAGS = frozenset({"dev", "test"})


def add_project(tables: Tables, project: Table) -> None:
    """Add ``dependencies``, as category ``main``, and ``requires-python``."""
    tables.draft.has_pip_section = True
    for text in tables.strings(project.get("dependencies", []), "dependencies"):
        tables.add_requirement(text)
    tables.add_requires_python(project)


def add_extras(tables: Tables, optional: Table, project: str, *, by_default: bool) -> None:
    """Add the extras that are asked for, each as a category of its name.

    ``by_default``: all, as conda-lock does where none is named; its categories hold then.
    """
    offer = tables.draft.groups.extras
    for name, items in optional.items():
        if not offer.takes(name, tables.file, by_default=by_default):
            continue
        category = "dev" if by_default and name in _DEV_TAGS else name
        for text in tables.strings(items, name):
            _add_own_or_requirement(tables, text, category, name, project, optional)


def _add_own_or_requirement(
    tables: Tables, text: str, category: str, name: str, project: str, optional: Table
) -> None:
    """Add a requirement; ``project[a,b]`` of the project itself stands for its own extras."""
    found = is_own(text, project)
    if not found:
        tables.add_requirement(text, category)
        return
    by_name = {pypi_name(key): key for key in optional}
    for extra in found[2].split(","):
        own = by_name.get(pypi_name(extra.strip()))
        if own is None:
            tables.fault(f"no extra `{extra.strip()}`", tables.places.of_text(text))
        elif own != name:
            for item in tables.strings(optional[own], own):
                if not is_own(item, project):
                    tables.add_requirement(item, category)


def add_dependency_groups(tables: Tables, groups: Table) -> None:
    """Add the dependency groups that are asked for, each as a category of its name."""
    for name in groups:
        if tables.draft.groups.groups.takes(name, tables.file):
            _add_group(tables, name, name, groups, ())


def _add_group(tables: Tables, name: str, category: str, groups: Table, parents: tuple[str, ...]) -> None:
    """Add a dependency group with the groups it includes (PEP 735)."""
    key = {pypi_name(key): key for key in groups}.get(pypi_name(name))
    if key is None or pypi_name(name) in parents:
        what = "includes itself" if key else "does not exist"
        tables.fault(f"dependency group `{name}` {what}", tables.places.of_key("dependency-groups"))
        return
    items: Any = groups[key]
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, str):
            tables.add_requirement(item, category)
        elif isinstance(item, Mapping) and isinstance(item.get("include-group"), str) and len(item) == 1:
            included = item["include-group"]
            tables.draft.groups.groups.included.add((tables.file, pypi_name(included)))
            _add_group(tables, included, category, groups, (*parents, pypi_name(name)))
        else:
            tables.fault(f"an item of group `{name}` is no requirement", tables.places.of_key(key))
