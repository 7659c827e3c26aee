"""Layers of settings without a file: flags, variables, defaults."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lockfiles.settings.model import Layer, Setting, warn_of_unknown_variables
from lockfiles.settings.table import BY_NAME, DEFINITIONS, Definition
from lockfiles.settings.values import Where
from resolver.inputs.faults import Faults
from resolver.model.origin import Origin

#: Values by the setting's name.
Values = dict[str, Setting[Any]]


def add_value(
    layer: Values,
    definition: Definition,
    raw: object,
    where: Where,
    faults: Faults,
    *,
    kind: Layer,
    source: str,
    origin: Origin | None = None,
) -> None:
    """Parse one value into a layer; a bad one is a fault that names its source."""
    try:
        value = definition.parse(raw, where)
    except ValueError as error:
        message, hint = (*error.args, None, None)[:2]
        faults.add(str(message), origin or Origin(file=source), hint)
        return
    layer[definition.name] = Setting(value=value, source=source, layer=kind)


def flag_layer(flags: Mapping[str, object], home: Path, faults: Faults) -> Values:
    """Return what the command line says; names that are no settings are the caller's."""
    layer: Values = {}
    for name, raw in flags.items():
        definition = BY_NAME.get(name)
        if definition is None or raw is None or raw in ((), []):
            continue
        add_value(
            layer, definition, raw, Where(home=home), faults, kind=Layer.FLAG, source=definition.flag or name
        )
    return layer


def environment_layer(environ: Mapping[str, str], home: Path, faults: Faults) -> Values:
    """Return what ``LOCK_*`` variables say; an empty one says nothing."""
    layer: Values = {}
    for definition in DEFINITIONS:
        raw = environ.get(definition.variable, "")
        if raw.strip():
            source = f"${definition.variable}"
            add_value(layer, definition, raw, Where(home=home), faults, kind=Layer.ENVIRONMENT, source=source)
    warn_of_unknown_variables(environ, frozenset(definition.variable for definition in DEFINITIONS))
    return layer


def default_layer(given: set[str]) -> Values:
    """Return the defaults; the index address is looked up only where nothing gives one."""
    layer: Values = {}
    for definition in DEFINITIONS:
        value = definition.default
        if definition.name == "index_url" and "index_url" not in given:
            value = default_index_url()
        layer[definition.name] = Setting(value=value, source="default", layer=Layer.DEFAULT)
    return layer


def default_index_url() -> str:
    """Return the public index's address, as the package ``pypi_simple`` states it.

    Its constant is read from the source: importing the package takes a
    quarter of a second, for the HTTP client that comes with it.
    """
    found = importlib.util.find_spec("pypi_simple")
    if found is not None and found.origin is not None and found.origin.endswith(".py"):
        for node in ast.parse(Path(found.origin).read_text(encoding="utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            value = getattr(node, "value", None)
            named = any(isinstance(one, ast.Name) and one.id == "PYPI_SIMPLE_ENDPOINT" for one in targets)
            if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value.rstrip("/")
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return str(PYPI_SIMPLE_ENDPOINT).rstrip("/")
