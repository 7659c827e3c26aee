"""`[tool.pdm]`: groups for development, indexes, and overrides."""

from __future__ import annotations

import re

from resolver.inputs.pyproject.tables import Table, Tables, listed

_EDITABLE = re.compile(r"(?:-e|--editable)\s+(?P<what>\S.*)")
#: What may begin the range of an override; anything else is a version alone, or an address.
_RANGE = re.compile(r"[<>=!~]")
_ADDRESS = re.compile(r"\w+(?:\+\w+)?://|file:|\.{0,2}/")


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
    _add_overrides(tables, tables.table(pdm, "resolution"))
    if pdm.get("overrides"):
        tables.say("table-not-honoured", f"not honoured: {listed(['tool.pdm.overrides'])}")


def _add_overrides(tables: Tables, resolution: Table) -> None:
    """Add ``overrides`` (project to version, range or address) and ``excludes``; name other keys."""
    for project, value in tables.table(resolution, "overrides").items():
        origin = tables.places.of_key(project)
        if not isinstance(value, str) or not value.strip():
            tables.fault(f"`{project}` is overridden by no version", origin)
            continue
        text = value.strip()
        if _ADDRESS.match(text):
            text = f"{project} @ {text}"
        else:
            text = f"{project}{text if _RANGE.match(text) else f'=={text}'}"
        tables.add_override(text, origin=origin, only_versions=True)
    for text in tables.strings(resolution.get("excludes", []), "excludes"):
        tables.add_exclusion(text)
    left = [key for key in resolution if key not in ("overrides", "excludes") and resolution[key]]
    if left:
        tables.say(
            "table-not-honoured", f"not honoured: {listed([f'tool.pdm.resolution.{k}' for k in left])}"
        )


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
