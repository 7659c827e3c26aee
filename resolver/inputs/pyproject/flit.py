"""`[tool.flit.metadata]`: flit's older form of a project's metadata."""

from __future__ import annotations

from resolver.inputs.pyproject.project import add_extras
from resolver.inputs.pyproject.tables import Table, Tables


def add_flit(tables: Tables, metadata: Table, *, by_default: bool) -> None:
    """Add ``requires``, ``requires-python`` and the extras that are asked for.

    ``dev-requires`` is the extra ``dev``, as flit has it. ``by_default``: all extras, as conda-lock does.
    """
    tables.draft.has_pip_section = True
    for text in tables.strings(metadata.get("requires", []), "requires"):
        tables.add_requirement(text)
    tables.add_requires_python(metadata)
    extras = dict(tables.table(metadata, "requires-extra"))
    project = str(metadata.get("dist-name", metadata.get("module", "")))
    add_extras(tables, extras, project, by_default=by_default)
    if "dev-requires" in metadata and "dev" not in extras:
        add_extras(tables, {"dev": metadata["dev-requires"]}, project, by_default=False)
