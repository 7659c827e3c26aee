"""`[pypi-options]` of a pixi manifest: indexes, places of wheels, and overrides."""

from __future__ import annotations

from collections.abc import Mapping

from resolver.inputs.pixi.dependencies import add_pypi_override
from resolver.inputs.pyproject.tables import Table, Tables, listed
from resolver.model.names import pypi_name

_OVERRIDES = "dependency-overrides"
_HONOURED = frozenset({"index-url", "extra-index-urls", "find-links", "no-build", "no-binary"} | {_OVERRIDES})


def add_pypi_options(tables: Tables, options: Table, lead: str) -> None:
    """Add indexes, ``find-links``, ``no-build``, ``no-binary`` and overrides; name the other options."""
    draft = tables.draft
    for name, value in tables.table(options, _OVERRIDES).items():
        add_pypi_override(tables, name, value)
    if isinstance(options.get("index-url"), str):
        draft.index_url = (options["index-url"], tables.places.of_key("index-url"))
    extra = tables.strings(options.get("extra-index-urls", []), "extra-index-urls")
    draft.extra_index_urls.extend(extra)
    for link in tables.tables(options, "find-links"):
        place = link.get("url") or link.get("path")
        if isinstance(place, str):
            draft.find_links.append(place)
        else:
            tables.fault(
                "an item of `find-links` has neither `url` nor `path`", tables.places.of_key("find-links")
            )
    for key, names in (("no-build", draft.only_binary), ("no-binary", draft.no_binary)):
        value = options.get(key)
        if value is True:
            names.add(":all:")
        elif isinstance(value, list):
            names.update(pypi_name(name) for name in tables.strings(value, key))
    left = [
        f"{lead}pypi-options.{key}" for key, value in options.items() if key not in _HONOURED and _says(value)
    ]
    if left:
        tables.say("table-not-honoured", f"not honoured: {listed(left)}")


def _says(value: object) -> bool:
    return not (value is False or (isinstance(value, (list, Mapping)) and not value))
