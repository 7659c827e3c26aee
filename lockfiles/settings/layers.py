"""Layers of settings without a file: flags, variables, defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lockfiles.settings.definition import Definition
from lockfiles.settings.setting import Layer, Setting, Values
from lockfiles.settings.table import BY_NAME, DEFINITIONS
from lockfiles.settings.values import Where
from resolver.inputs.faults import Faults, nearest
from resolver.model.loggers import lazy_logger
from resolver.model.origin import Origin

logger = lazy_logger(__name__)


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
        value = definition.kind.parse(raw, where)
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
        add_value(layer, definition, raw, Where(home=home), faults, kind=Layer.FLAG, source=definition.source)
    return layer


def environment_layer(environ: Mapping[str, str], home: Path, faults: Faults) -> Values:
    """Return what ``LOCK_*`` variables say; an empty one says nothing."""
    layer: Values = {}
    for definition in DEFINITIONS:
        raw = environ.get(definition.variable, "")
        if raw.strip():
            source = f"${definition.variable}"
            add_value(layer, definition, raw, Where(home=home), faults, kind=Layer.ENVIRONMENT, source=source)
    _warn_of_unknown_variables(environ, frozenset(definition.variable for definition in DEFINITIONS))
    return layer


def _warn_of_unknown_variables(environ: Mapping[str, str], known: frozenset[str]) -> None:
    """Log a warning for ``LOCK_*`` variables that look like a misspelt one."""
    for name in sorted(environ):
        if (
            name.startswith("LOCK_")
            and name not in known
            and not name.startswith(("LOCK_AUTH_", "LOCK_INDEX_"))
        ):
            near = nearest(name, known)
            if near:
                logger.warning("the variable `%s` is not known; did you mean `%s`?", name, near)


def default_layer(given: set[str]) -> Values:
    """Return the defaults; one that takes time to find is found only where nothing else is given."""
    layer: Values = {}
    for definition in DEFINITIONS:
        value = definition.default
        if definition.make_default is not None and definition.name not in given:
            value = definition.make_default()
        layer[definition.name] = Setting(value=value, source="default", layer=Layer.DEFAULT)
    return layer
