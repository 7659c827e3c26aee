"""Edits of a pyproject.toml and of pixi's manifest: tomlkit keeps comments, order and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from lockfiles.input_edits.items import PackageLine
from resolver.errors import InputError
from resolver.model.names import pypi_name
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_GROUP = "{group}"


class Place(NamedTuple):
    """A table or list of requirements; a table maps names to versions."""

    path: tuple[str, ...]
    is_pip: bool
    is_list: bool
    is_group: bool = False

    def of(self, group: str | None) -> tuple[str, ...]:
        """Return the path with the group's name in it."""
        return tuple(group or "" if part == _GROUP else part for part in self.path)


_POETRY, _PIXI, _CONDA_LOCK = ("tool", "poetry"), ("tool", "pixi"), ("tool", "conda-lock")
#: Of a pyproject.toml: the first that applies takes what is added; what is taken out is looked for in all.
_PYPROJECT = (
    Place((*_PIXI, "dependencies"), is_pip=False, is_list=False),
    Place((*_PIXI, "feature", _GROUP, "dependencies"), is_pip=False, is_list=False, is_group=True),
    Place((*_CONDA_LOCK, "dependencies"), is_pip=False, is_list=False),
    Place(("project", "dependencies"), is_pip=True, is_list=True),
    Place((*_POETRY, "dependencies"), is_pip=True, is_list=False),
    Place((*_PIXI, "pypi-dependencies"), is_pip=True, is_list=False),
    Place((*_PIXI, "feature", _GROUP, "pypi-dependencies"), is_pip=True, is_list=False, is_group=True),
    Place(("project", "optional-dependencies", _GROUP), is_pip=True, is_list=True, is_group=True),
    Place((*_POETRY, "group", _GROUP, "dependencies"), is_pip=True, is_list=False, is_group=True),
    Place(("dependency-groups", _GROUP), is_pip=True, is_list=True, is_group=True),
)
_MANIFEST = (
    Place(("dependencies",), is_pip=False, is_list=False),
    Place(("feature", _GROUP, "dependencies"), is_pip=False, is_list=False, is_group=True),
    Place(("pypi-dependencies",), is_pip=True, is_list=False),
    Place(("feature", _GROUP, "pypi-dependencies"), is_pip=True, is_list=False, is_group=True),
)
#: A list or table that is made where none of its kind is there.
_MADE = {
    "pyproject.toml": (("project", "dependencies"), ("dependency-groups", _GROUP)),
    "pixi.toml": tuple(place.path for place in _MANIFEST),
}


def with_line(text: str, file: str, item: PackageLine) -> str:
    """Return the file with an item put in, or in place of the line that asks for its package.

    Raises InputError for a file without a place for it.
    """
    document = _parse(text, file)
    places = [place for place in _places(file) if _fits(place, item)]
    there = [place for place in places if _find(document, place.of(item.group)) is not None]
    for place in there:
        if _replace(_find(document, place.of(item.group)), place, item):
            return _text(document)
    chosen = there[0] if there else next((p for p in places if _may_be_made(p, document, file)), None)
    if chosen is None:
        part = "PyPI" if item.is_pip else "conda"
        raise InputError(
            f"has no table for {part} packages" + (f" of a group `{item.group}`" if item.group else ""),
            Origin(file=file),
            "Name another file with `--file`.",
        )
    _insert(_make(document, chosen.of(item.group), is_list=chosen.is_list), chosen, item)
    return _text(document)


def without_line(text: str, file: str, item: PackageLine) -> str | None:
    """Return the file without the lines that ask for a package; None where there is none."""
    document = _parse(text, file)
    found = [
        (place, holder)
        for place in _places(file)
        if _fits(place, item) and (holder := _find(document, place.of(item.group))) is not None
    ]
    gone = [_take(holder, place, item) for place, holder in found]
    return _text(document) if any(gone) else None


def has_conda_table(text: str, file: str) -> bool:
    """Tell whether a file has a table of conda packages."""
    document = _parse(text, file)
    return any(
        not place.is_pip and not place.is_group and _find(document, place.path) is not None
        for place in _places(file)
    )


def _parse(text: str, file: str) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise InputError(f"is no TOML: {error}", Origin(file=file)) from None


def _text(document: TOMLDocument) -> str:
    import tomlkit

    return tomlkit.dumps(document)


def _places(file: str) -> tuple[Place, ...]:
    return _MANIFEST if PurePath(file).name == "pixi.toml" else _PYPROJECT


def _fits(place: Place, item: PackageLine) -> bool:
    return place.is_pip == item.is_pip and place.is_group == (item.group is not None)


def _find(document: Any, path: tuple[str, ...]) -> Any:
    found = document
    for part in path:
        if not isinstance(found, MutableMapping) or part not in found:
            return None
        found = found[part]
    return found


def _may_be_made(place: Place, document: Any, file: str) -> bool:
    """Tell whether a list or table may be made: its project or tool must be there already."""
    made = _MADE["pixi.toml" if PurePath(file).name == "pixi.toml" else "pyproject.toml"]
    if place.path[:2] == _PIXI:
        return _find(document, _PIXI) is not None and not place.is_list
    return place.path in made and (place.path[0] != "project" or "project" in document)


def _make(document: Any, path: tuple[str, ...], *, is_list: bool) -> Any:
    import tomlkit

    holder = document
    for part in path[:-1]:
        if part not in holder:
            holder[part] = tomlkit.table(is_super_table=True)
        holder = holder[part]
    if path[-1] not in holder:
        holder[path[-1]] = tomlkit.array() if is_list else tomlkit.table()
    return holder[path[-1]]


def _insert(holder: Any, place: Place, item: PackageLine) -> None:
    if place.is_list:
        holder.append(item.text)
    else:
        key, value = _entry(item)
        holder[key] = value


def _replace(holder: Any, place: Place, item: PackageLine) -> bool:
    """Put the item in the place of what asks for its package; tell whether there was any."""
    if place.is_list:
        numbers = list(_numbers(holder, item))
        if numbers:
            holder[numbers[0]] = item.text
        return bool(numbers)
    key = next((key for key in holder if _is_name(key, item)), None)
    if key is not None:
        holder[key] = _entry(item)[1]
    return key is not None


def _take(holder: Any, place: Place, item: PackageLine) -> bool:
    if place.is_list:
        numbers = list(_numbers(holder, item))
        for number in reversed(numbers):
            del holder[number]
        return bool(numbers)
    keys = [key for key in holder if _is_name(key, item)]
    for key in keys:
        del holder[key]
    return bool(keys)


def _numbers(holder: Any, item: PackageLine) -> Iterator[int]:
    """Yield the places of a list that ask for the package; entries of other kinds are left alone."""
    for number, entry in enumerate(holder):
        match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", entry) if isinstance(entry, str) else None
        if match and pypi_name(match[1]) == item.name:
            yield number


def _is_name(key: str, item: PackageLine) -> bool:
    return pypi_name(key) == item.name if item.is_pip else key.lower() == item.name


def _entry(item: PackageLine) -> tuple[str, Any]:
    """Return name and value of a table for a requirement. Raises InputError for what doesn't fit."""
    import tomlkit

    match = re.fullmatch(
        r"([A-Za-z0-9_.-]+?)\s*(?:\[([^\]]*)\])?\s*((?:[=<>!~ ].*)?)", item.text.strip(), re.DOTALL
    )
    if match is None or ";" in item.text or "::" in item.text or (match[2] and not item.is_pip):
        raise InputError(
            f"`{item.text}` doesn't fit into a table of names and versions",
            hint="Add the plain package, and edit its entry by hand.",
        )
    version = match[3].strip() or "*"
    if not match[2]:
        return match[1], version
    value = tomlkit.inline_table()
    value["version"] = version
    value["extras"] = [extra.strip() for extra in match[2].split(",")]
    return match[1], value
