"""Tables of tools that are not read here: named where they hold requirements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from resolver.inputs.pyproject.tables import Table, Tables, listed

#: Keys under which tools keep requirements.
_KEYS = frozenset(
    {"dependencies", "dev-dependencies", "dependency-groups", "optional-dependencies", "extra-dependencies"}
    | {"requires", "requires-extra", "install_requires", "install-requires", "requirements", "packages-dev"}
)
#: Tools whose keys of such a name hold no requirements of the project.
_HARMLESS = frozenset({"tox", "cibuildwheel", "mypy", "ruff", "pytest", "coverage", "isort", "black"})


def name_other_tools(tables: Tables, tool: Table, read: Collection[str]) -> None:
    """Name each table of a tool, other than those that were read, in which requirements stand."""
    found = [
        path
        for name, table in tool.items()
        if name not in read and name not in _HARMLESS
        for path in _paths(table, f"tool.{name}", 0)
    ]
    if found:
        tables.say("table-not-honoured", f"not read: {listed(found)}")


def _paths(value: Any, path: str, depth: int) -> Iterator[str]:
    if not isinstance(value, Mapping) or depth > 4:
        return
    for key, item in value.items():
        if key in _KEYS and isinstance(item, (list, Mapping)) and item:
            yield f"{path}.{key}"
        else:
            yield from _paths(item, f"{path}.{key}", depth + 1)
