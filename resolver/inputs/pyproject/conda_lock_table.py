"""`[tool.conda-lock]`: channels, platforms and conda requirements in conda-lock's notation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resolver.inputs.draft import add_conda_requirement
from resolver.inputs.faults import did_you_mean
from resolver.inputs.pyproject.tables import Origins, Table, Tables, listed
from resolver.model.names import pypi_name

KEYS = (
    *("channels", "platforms", "dependencies", "pip-repositories"),
    *("default-non-conda-source", "skip-non-conda-lock", "allow-pypi-requests"),
)
_SOURCES = ("conda", "pip")


def read_origins(tables: Tables, table: Table) -> Origins:
    """Return where requirements outside conda-lock's own table come from.

    Where it doesn't say, that is the index, and :func:`add_conda_lock` says so.
    """
    source = table.get("default-non-conda-source")
    if source not in (None, *_SOURCES):
        hint = did_you_mean(source, _SOURCES) if isinstance(source, str) else None
        tables.fault(
            f"`default-non-conda-source = {source!r}`",
            tables.places.of_key("default-non-conda-source"),
            hint or "it is `conda` or `pip`",
        )
    forced = frozenset(
        pypi_name(name)
        for name, value in tables.table(table, "dependencies").items()
        if isinstance(value, Mapping) and value.get("source") == "pypi"
    )
    return Origins(as_conda=source == "conda", from_pypi=forced, has_conda=bool(table))


def skips_other_tables(tables: Tables, table: Table) -> bool:
    """Tell whether only conda-lock's own table counts."""
    value = table.get("skip-non-conda-lock", False)
    if not isinstance(value, bool):
        tables.fault("`skip-non-conda-lock` is not a boolean", tables.places.of_key("skip-non-conda-lock"))
    return value is True


def add_conda_lock(tables: Tables, table: Table) -> None:
    """Add what the table asks for itself; keys that mean nothing here are named."""
    tables.add_channels(tables.strings(table.get("channels", []), "channels"))
    tables.add_platforms(tables.strings(table.get("platforms", []), "platforms"))
    for url in tables.strings(table.get("pip-repositories", []), "pip-repositories"):
        tables.draft.add_repository(url, tables.places.of_text(url))
    for name, value in tables.table(table, "dependencies").items():
        _add_dependency(tables, name, value)
    for key in table:
        if key in KEYS:
            continue
        near = did_you_mean(key, KEYS)
        if near:
            tables.fault(f"unknown key `{key}` of `[tool.conda-lock]`", tables.places.of_key(key), near)
        else:
            tables.say("table-not-honoured", f"`[tool.conda-lock]`: not honoured: {listed([key])}")


def say_source(tables: Tables, table: Table, *, has_others: bool) -> None:
    """Say where other requirements come from, where the table leaves it open and there are some."""
    if has_others and table and "default-non-conda-source" not in table:
        tables.say(
            "non-conda-source",
            "`[tool.conda-lock]` has no `default-non-conda-source`: requirements outside its own table "
            "come from the package index (conda-lock takes conda packages)",
            warning=False,
        )


def _add_dependency(tables: Tables, name: str, value: Any) -> None:
    """Add ``name = "version"`` or ``name = {version, build, channel, source}``."""
    origin = tables.places.of_key(name)
    fields = {"version": value} if isinstance(value, str) else value
    if not isinstance(fields, Mapping) or not all(isinstance(item, str) for item in fields.values()):
        tables.fault(f"`{name}` is neither a version nor a table of texts", origin)
        return
    version = fields.get("version", "").strip()
    version = "" if version == "*" else version
    if fields.get("source") == "pypi":
        operator = "" if not version or version[0] in "<>=!~" else "=="
        tables.add_requirement(f"{name}{operator}{version}")
        return
    channel = f"{fields['channel']}::" if "channel" in fields else ""
    spec = f"{channel}{name} {version or '*'} {fields.get('build', '')}".strip()
    add_conda_requirement(tables.draft, spec.removesuffix(" *"), origin)
