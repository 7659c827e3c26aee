"""`[project]` (PEP 621) and `[dependency-groups]` (PEP 735)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolver.inputs.pyproject.tables import Table, Tables, is_own
from resolver.model.names import PypiName, pypi_name

#: Extras that conda-lock puts into its category ``dev``.
_DEV_TAGS = frozenset({"dev", "test"})
#: Groups that include one another, one within the next.
_MOST_WITHIN = 50


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
    keys = {pypi_name(key): key for key in groups}
    for name in groups:
        if tables.draft.groups.groups.takes(name, tables.file):
            _Group(tables, groups, keys, name).add(name, ())


class _Group:
    """A dependency group with all that it includes (PEP 735), each once.

    Groups that include one another twice would double at each step.
    """

    def __init__(self, tables: Tables, groups: Table, keys: Mapping[PypiName, str], category: str) -> None:
        self._tables, self._groups, self._keys, self._category = tables, groups, keys, category
        self._added: set[str] = set()

    def add(self, name: str, parents: tuple[str, ...]) -> None:
        """Add a group that stands within ``parents``."""
        key, tables = self._keys.get(pypi_name(name)), self._tables
        fault = self._fault_of(name, key, parents)
        if fault is not None:
            tables.fault(f"dependency group `{name}` {fault}", tables.places.of_key("dependency-groups"))
        if fault is not None or key is None or key in self._added:
            return
        self._added.add(key)
        items: Any = self._groups[key]
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, str):
                tables.add_requirement(item, self._category)
            elif isinstance(item, Mapping) and isinstance(item.get("include-group"), str) and len(item) == 1:
                included = item["include-group"]
                tables.draft.groups.groups.included.add((tables.file, pypi_name(included)))
                self.add(included, (*parents, pypi_name(name)))
            else:
                tables.fault(f"an item of group `{name}` is no requirement", tables.places.of_key(key))

    @staticmethod
    def _fault_of(name: str, key: str | None, parents: tuple[str, ...]) -> str | None:
        if key is None:
            return "does not exist"
        if pypi_name(name) in parents:
            return "includes itself"
        return f"is the {_MOST_WITHIN}th within one another" if len(parents) >= _MOST_WITHIN else None
