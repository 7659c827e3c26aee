"""`[tool.pdm]`: groups for development, and indexes."""

from __future__ import annotations

import re

from resolver.inputs.pyproject.tables import Table, Tables, listed

_EDITABLE = re.compile(r"(?:-e|--editable)\s+(?P<what>\S.*)")
#: Keys that hold or bend requirements and have no counterpart here.
_NOT_HONOURED = ("resolution", "overrides")


def add_pdm(tables: Tables, pdm: Table, *, by_default: bool) -> None:
    """Add the groups of ``dev-dependencies`` that are asked for, and the indexes of ``source``.

    ``by_default``: all groups as category ``dev``, as conda-lock does where none is named.
    """
    for name, items in tables.table(pdm, "dev-dependencies").items():
        if tables.draft.groups.groups.takes(name, tables.file, by_default=by_default):
            category = "dev" if by_default else name
            for text in tables.strings(items, name):
                _add_item(tables, text, category)
    _add_sources(tables, pdm)
    left = [f"tool.pdm.{key}" for key in _NOT_HONOURED if pdm.get(key)]
    if left:
        tables.say("table-not-honoured", f"not honoured: {listed(left)}")


def _add_item(tables: Tables, text: str, category: str) -> None:
    found = _EDITABLE.match(text)
    if found is None:
        tables.add_requirement(text, category)
        return
    what = found["what"].replace("${PROJECT_ROOT}", ".").replace("file:///./", "./")
    tables.add_requirement(what, category, origin=tables.places.of_text(text), editable=True)


def _add_sources(tables: Tables, pdm: Table) -> None:
    """Add indexes: one called ``pypi`` stands in place of the default one."""
    for source in tables.tables(pdm, "source"):
        url, name = source.get("url"), source.get("name")
        origin = tables.places.of_text(str(url)) if url else tables.places.of_key("source")
        if not isinstance(url, str):
            tables.fault("`[[tool.pdm.source]]` without `url`", origin)
        elif source.get("type") == "find_links":
            tables.draft.find_links.append(url)
        elif name == "pypi":
            tables.draft.index_url = (url, origin)
        else:
            tables.draft.add_repository(url, origin)
        if source.get("include_packages") or source.get("exclude_packages"):
            tables.say(
                "table-not-honoured",
                f"not honoured: which packages `[[tool.pdm.source]]` `{name}` is for; "
                "`package-indexes` of `[tool.lockstack]` says it",
            )
