"""lockstack.toml, and ``[tool.lockstack]`` of a pyproject.toml, beside the environment file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lockfiles.regular_files import read_whole
from lockfiles.settings.definition import Definition
from lockfiles.settings.layers import add_value
from lockfiles.settings.setting import Layer, Values
from lockfiles.settings.table import DEFINITIONS
from lockfiles.settings.values import Where
from resolver.errors import InputError
from resolver.inputs.faults import Faults, nearest
from resolver.inputs.file_kinds import conflict_error
from resolver.inputs.text import decode_text
from resolver.inputs.toml_places import TomlPlaces, toml_error_place
from resolver.model.origin import Origin

_BY_KEY: dict[str, Definition] = {
    key: definition for definition in DEFINITIONS for key in (definition.key, *definition.aliases)
}


def read_file_layers(
    environment_file: Path | None, cwd: Path, home: Path, faults: Faults
) -> tuple[Values, Values]:
    """Return what lockstack.toml and then the pyproject.toml say; an absent file says nothing."""
    folder = Path() if environment_file is None else environment_file.parent
    return (
        _read(folder / "lockstack.toml", (), cwd, home, faults),
        _read(folder / "pyproject.toml", ("tool", "lockstack"), cwd, home, faults),
    )


def _read(path: Path, tables: tuple[str, ...], cwd: Path, home: Path, faults: Faults) -> Values:
    shown = path.as_posix()
    try:
        raw = read_whole(cwd / path)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        if not tables:
            faults.add(f"can't read `{shown}`: {error.strerror or error}")
        return {}
    if tables and b"lockstack" not in raw:
        return {}
    import tomllib  # most folders have no such file

    try:
        text = decode_text(raw, shown)
        table: Any = tomllib.loads(text)
    except InputError as error:
        faults.add_error(error)
        return {}
    except (ValueError, RecursionError) as error:
        conflict = conflict_error(text, shown)
        if conflict is not None:
            faults.add_error(conflict)
        else:
            faults.add(*toml_error_place(error, shown))
        return {}
    for name in tables:
        table = table.get(name, {}) if isinstance(table, Mapping) else {}
    if not isinstance(table, Mapping):
        faults.add(f"`{'.'.join(tables)}` is not a table", Origin(file=shown))
        return {}
    return _layer(table, TomlPlaces(text, shown), Where(folder=path.parent, home=home), faults)


def _layer(table: Mapping[str, Any], places: TomlPlaces, where: Where, faults: Faults) -> Values:
    layer: Values = {}
    for key, raw in table.items():
        origin = places.of_key(key)
        definition = _BY_KEY.get(key.replace("_", "-"))
        if definition is None:
            near = nearest(key, _BY_KEY)
            faults.add(f"unknown setting `{key}`", origin, f"did you mean `{near}`?" if near else None)
        elif definition.name in layer:
            faults.add(f"`{key}` is another name for `{definition.key}`, which is set too", origin)
        else:
            add_value(
                layer, definition, raw, where, faults, kind=Layer.FILE, source=str(origin), origin=origin
            )
    return layer
