"""Layers of settings without a file: flags, variables, defaults."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from lockfiles.settings.model import Layer, Setting, warn_of_unknown_variables
from lockfiles.settings.table import BY_NAME, DEFINITIONS, Definition
from lockfiles.settings.values import Where
from resolver.inputs.faults import Faults
from resolver.model.origin import Origin

#: Values by the setting's name.
Values = dict[str, Setting[Any]]

_DEFAULT_INDEX = re.compile(r"""^DEFAULT_INDEX = (['"])(?P<address>\S+)\1$""", re.MULTILINE)


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
    """Return the public index's address: `simple`, beside the address that the package ``distlib`` states.

    The constant is read from the source: importing the module takes 60 ms,
    for the HTTP client of the standard library.
    """
    found = importlib.util.find_spec("distlib")
    for folder in (found and found.submodule_search_locations) or ():
        module = Path(folder) / "index.py"
        if module.is_file() and (stated := _DEFAULT_INDEX.search(module.read_text(encoding="utf-8"))):
            return urljoin(stated["address"], "simple")
    index: Any = importlib.import_module("distlib.index")
    return urljoin(str(index.DEFAULT_INDEX), "simple")
