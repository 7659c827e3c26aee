"""`[tool.setuptools.dynamic]`: dependencies that stand in files of requirements."""

from __future__ import annotations

from collections.abc import Mapping

from resolver.inputs.pyproject.tables import Table, Tables
from resolver.inputs.requirements_txt import PipScope, add_pip_file, beside


def add_dynamic(tables: Tables, dynamic: Table) -> bool:
    """Add the files that ``dependencies = {file = [...]}`` names; a fault where nothing names them.

    Returns whether there were some.
    """
    value = dynamic.get("dependencies")
    files = value.get("file") if isinstance(value, Mapping) else None
    names = [files] if isinstance(files, str) else files
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        tables.fault(
            "`dependencies` is dynamic: only a build of the project knows them",
            tables.places.of_key("dynamic"),
            "lock a requirements file with `-e .` instead",
        )
        return False
    origin = tables.places.of_key("dependencies")
    tables.draft.has_pip_section = True
    for name in names:
        path = beside(tables.file, name)
        text = tables.draft.read_text(path, origin)
        if text is not None:
            tables.draft.files.append(path)
            add_pip_file(tables.draft, text, PipScope(file=path, parents=(tables.file, path)))
    return True
