"""Which files of a folder are inputs: told from their names and beginnings, as nobody named them.

==================  ===========================================================================
file                is an input where
==================  ===========================================================================
``*.yml, *.yaml``   ``dependencies:`` at the top holds a list, and nothing says that it is of another tool
``requirements``    the name is ``*requirements*.txt`` or ``.in``, or the folder's name is ``requirements``
``pyproject.toml``  it has a table that names packages
``pixi.toml``       always
==================  ===========================================================================
"""

from __future__ import annotations

from pathlib import PurePath

from resolver.inputs.file_kinds import has_key, is_lockfile
from resolver.model.patterns import pattern

#: Bytes that are looked at; what tells a file apart stands at its beginning.
BEGINNING = 65_536
#: A list below ``dependencies``: Dart and Helm have mappings, or items that are mappings.
_LIST = pattern(
    r"(?m)^(?:dependencies|\"dependencies\")[ \t]*:[ \t]*(?:#[^\n]*)?"
    r"(?:\[|\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n){0,50}[ \t]*-[ \t])"
)
_OF_OTHERS = ("apiVersion", "kind", "jobs", "tasks", "galaxy_info", "collections")
_REQUIREMENTS = pattern(r"(?i)(?:.*[-_.])?requirements?(?:[-_.].*)?\.(?:txt|in)\Z")
_TABLES = pattern(
    r"(?m)^[ \t]*\[[ \t]*(?:project|dependency-groups|tool\.(?:poetry|pixi|pdm|conda-lock|hatch)"
    r"(?:\.[^\]\n]*)?)[ \t]*\]"
)


def may_be_input(name: str) -> bool:
    """Tell whether a file's name lets it be an input: its text decides."""
    path = PurePath(name)
    low = path.name.lower()
    if low in ("pyproject.toml", "pixi.toml") or low.endswith((".yml", ".yaml")):
        return True
    return _is_requirements(path)


def _is_requirements(path: PurePath) -> bool:
    if _REQUIREMENTS.match(path.name):
        return True
    return path.suffix in (".txt", ".in") and path.parent.name.lower() == "requirements"


def is_input(name: str, beginning: str) -> bool:
    """Tell whether a file that nobody named is an input; ``beginning`` of its text is enough."""
    path = PurePath(name)
    low = path.name.lower()
    if is_lockfile(beginning, name):
        return False
    if low == "pixi.toml":
        return True
    if low == "pyproject.toml":
        return _TABLES.search(beginning) is not None
    if low.endswith((".yml", ".yaml")):
        return _LIST.search(beginning) is not None and not any(has_key(beginning, key) for key in _OF_OTHERS)
    return _is_requirements(path)
