"""The table of settings: the home of every one of them.

A row says how a setting is written, read, defaulted, told and documented.
Flags, ``LOCK_*`` variables, the keys of lockstack.toml, ``--show-settings``,
docs/settings.md, docs/lockstack.schema.json and the request hash derive from
it. A new setting is one row here and one field of
:class:`lockfiles.settings.model.Settings`.
"""

from __future__ import annotations

from lockfiles.settings.definition import Definition
from lockfiles.settings.rows_packages import CONDA_ROWS, PYPI_ROWS, SEARCH_ROWS
from lockfiles.settings.rows_run import NETWORK_ROWS, RUN_ROWS, TARGET_ROWS

#: Heading of the documentation -> rows.
TOPICS: dict[str, tuple[Definition, ...]] = {
    "Target": TARGET_ROWS,
    "Conda channels": CONDA_ROWS,
    "Package indexes": PYPI_ROWS,
    "Choice of packages": SEARCH_ROWS,
    "Network and cache": NETWORK_ROWS,
    "Files and messages": RUN_ROWS,
}
DEFINITIONS: tuple[Definition, ...] = tuple(row for rows in TOPICS.values() for row in rows)
BY_NAME = {definition.name: definition for definition in DEFINITIONS}
