"""What lockstack.toml, and ``[tool.lockstack]`` of a pyproject.toml, say (which: :mod:`.nearest`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lockfiles.settings.definition import Definition
from lockfiles.settings.layers import add_value
from lockfiles.settings.nearest import LARGEST, SettingsFile, nearest_files
from lockfiles.settings.setting import Layer, Values
from lockfiles.settings.table import BY_NAME, DEFINITIONS
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
) -> tuple[Values, ...]:
    """Return what the nearest settings files say, the stronger one first; absent ones say nothing.

    What names a place for one file's result counts beside that file alone.
    """
    return tuple(_read(file, home, faults) for file in nearest_files(environment_file, cwd))


def _read(file: SettingsFile, home: Path, faults: Faults) -> Values:
    path, tables, raw, _ = file
    shown = path.as_posix()
    if isinstance(raw, OSError):
        faults.add(f"can't read `{shown}`: {raw.strerror or raw}")
        return {}
    if len(raw) > LARGEST:
        faults.add(f"can't read `{shown}`: more than {LARGEST >> 20} MiB are no settings")
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
    found = _layer(table, TomlPlaces(text, shown), Where(folder=path.parent, home=home), faults)
    return found if file.is_own else {name: one for name, one in found.items() if not BY_NAME[name].is_own}


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
