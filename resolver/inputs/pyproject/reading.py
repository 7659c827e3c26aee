"""pyproject.toml -> requirements: which tables count, and in which order they are read.

Without `[tool.conda-lock]`: `[project]`, else poetry's or flit's own table, gives the
main requirements; extras and groups come in where they are asked for. With it
the file is conda-lock's: the table that conda-lock would read gives all its groups
as categories. What no reader takes is named.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping

from resolver.errors import InputError
from resolver.inputs.combine import combine
from resolver.inputs.draft import CondaNameOf, Draft, Read, put_overrides
from resolver.inputs.faults import Faults
from resolver.inputs.groups import GroupChoice, Groups
from resolver.inputs.pyproject.conda_lock_table import (
    add_conda_lock,
    read_origins,
    say_source,
    skips_other_tables,
)
from resolver.inputs.pyproject.other_tools import name_other_tools
from resolver.inputs.pyproject.project import add_dependency_groups, add_extras, add_project
from resolver.inputs.pyproject.tables import Origins, Table, Tables
from resolver.inputs.text import decode_text
from resolver.inputs.toml_places import toml_error_place
from resolver.model.names import pypi_name
from resolver.model.requirements import Requirements

#: Tools whose tables have a reader, or are settings of this program.
_READ = ("conda-lock", "poetry", "flit", "pdm", "uv", "pixi", "lockstack", "setuptools")


def parse_pyproject(
    text: str | bytes,
    file: str,
    read: Read | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    groups: GroupChoice | None = None,
    conda_name_of: CondaNameOf = str,
) -> Requirements:
    """Return what a pyproject.toml asks for; raises InputErrors with every fault.

    ``groups``: the extras and groups that come in (None: none).
    """
    faults = Faults()
    draft = Draft(
        read=read or (lambda _: ""),
        environ=environ or {},
        faults=faults,
        groups=Groups(groups),
        conda_name_of=conda_name_of,
        files=[file],
    )
    try:
        add_pyproject(draft, decode_text(text, file), file)
    except InputError as error:
        faults.add_error(error)
    draft.groups.report_unknown(faults)
    faults.raise_if_any()
    draft.notices.extend(draft.groups.notices())
    return put_overrides(combine([draft], faults).finish())


def add_pyproject(draft: Draft, text: str, file: str) -> None:
    """Add the tables of a pyproject.toml to the draft."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        draft.faults.add(*toml_error_place(error, file))
        return
    tables = Tables(draft, text, file)
    conda = tables.table(document, "tool", "conda-lock")
    tables.origins = read_origins(tables, conda)
    tables.origins.has_conda |= bool(tables.table(document, "tool", "pixi"))
    _bring_groups(tables, document)
    if draft.finds_members:
        from resolver.inputs.workspace import workspace_of

        draft.workspace = workspace_of(document, file)
    if skips_other_tables(tables, conda):
        add_conda_lock(tables, conda)
        return
    before = len(draft.pypi) + len(draft.conda)
    is_sound = _add_requirements(tables, document, is_conda_lock=bool(conda))
    if is_sound:
        say_source(tables, conda, has_others=len(draft.pypi) + len(draft.conda) > before)
    add_conda_lock(tables, conda)
    _add_tools(tables, document)


def _bring_groups(tables: Tables, document: Table) -> None:
    """Take in the extras and groups that a chosen environment of pixi's lists as features."""
    wanted = tables.draft.groups.environments
    environments = tables.table(document, "tool", "pixi", "environments") if wanted else {}
    if environments:
        from resolver.inputs.pixi.environments import features_of

        for name in wanted:
            tables.draft.groups.bring(features_of(environments.get(name)))


def _add_requirements(tables: Tables, document: Table, *, is_conda_lock: bool) -> bool:
    """Add the main requirements, extras and groups; False where there is no table to read them from."""
    project, tool = tables.table(document, "project"), tables.table(document, "tool")
    if isinstance(project.get("name"), str):
        tables.draft.project = pypi_name(project["name"])
    home = _home(document, tables)
    optional = tables.table(project, "optional-dependencies")
    if home == "flit":
        from resolver.inputs.pyproject.flit import add_flit

        add_flit(tables, tables.table(tool, "flit", "metadata"), by_default=is_conda_lock)
    elif home == "project":
        add_project(tables, project)
    elif project:
        tables.add_requires_python(project)
    elif home is None and "dependency-groups" not in document and not is_conda_lock and not tool.get("pixi"):
        tables.fault(
            "no `[project]`, no `[tool.poetry]` and no `[tool.conda-lock]`",
            None,
            "requirements stand in `[project] dependencies`, or in Poetry's or flit's own table",
        )
        return False
    add_extras(tables, optional, str(project.get("name", "")), by_default=is_conda_lock)
    if tool.get("poetry"):
        from resolver.inputs.pyproject.poetry import add_poetry

        is_main = home == "poetry"
        add_poetry(
            tables, tables.table(tool, "poetry"), is_main=is_main, by_default=is_conda_lock and is_main
        )
    if tool.get("pdm"):
        from resolver.inputs.pyproject.pdm import add_pdm

        add_pdm(tables, tables.table(tool, "pdm"), by_default=is_conda_lock and home == "project")
    add_dependency_groups(tables, tables.table(document, "dependency-groups"))
    return True


def _home(document: Table, tables: Tables) -> str | None:
    """Return whose table has the main requirements: ``project``, ``poetry``, ``flit``; None: none."""
    project, tool = document.get("project"), tables.table(document, "tool")
    dynamic = project.get("dynamic", []) if isinstance(project, Mapping) else []
    is_dynamic = isinstance(dynamic, list) and "dependencies" in dynamic
    if isinstance(project, Mapping) and "dependencies" in project and not is_dynamic:
        return "project"
    for name, keys in (("poetry", ("poetry", "dependencies")), ("flit", ("flit", "metadata"))):
        if tables.table(tool, *keys):
            return name
    if project is not None and is_dynamic:
        from resolver.inputs.pyproject.setuptools import add_dynamic

        return None if add_dynamic(tables, tables.table(tool, "setuptools", "dynamic")) else "project"
    return "project" if project is not None else None


def _add_tools(tables: Tables, document: Table) -> None:
    """Add what tools say beside requirements, and name the tables that are not read."""
    tool = tables.table(document, "tool")
    if tool.get("uv") or (tables.draft.member_of is not None and tables.draft.member_of.sources):
        from resolver.inputs.pyproject.uv import add_uv

        optional = [*_texts(document.get("project")), *_texts(document.get("dependency-groups"))]
        add_uv(tables, tables.table(tool, "uv"), optional)
    if tool.get("pixi"):
        from resolver.inputs.pixi.manifest import add_pixi

        tables.origins = Origins(has_conda=True)  # its tables say of each requirement where it comes from
        add_pixi(tables, tables.table(tool, "pixi"), lead="tool.pixi.")
    name_other_tools(tables, tool, _READ)


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a table or list."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)
